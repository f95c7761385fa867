/* fake_engine.h - what the tests of the command know of the engine they run it on.
 */
#ifndef HEDDLE_TESTS_CLI_FAKE_ENGINE_H
#define HEDDLE_TESTS_CLI_FAKE_ENGINE_H

#define FAKE_BUILD  "b0b0b0b0b0b0b0b0"
#define FAKE_DIGEST 0x0123456789abcdefull /* of every execution that faults */

#endif
