/* room.h - is there room for executions?
 */
#ifndef HEDDLE_CLI_ROOM_H
#define HEDDLE_CLI_ROOM_H

/* Whether the address space that executions reserve can be had. Returns 0 or CLI_SYSTEM after one
 * line. */
int cli_room_check(void);

#endif
