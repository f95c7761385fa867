/* test_gomap_corpus.c - the corpus of fuzz_gomap.c, which collected what reaches new branches, again.
 */
#include <criterion/criterion.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>

#define INPUT_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

Test(gomap_corpus, no_input_breaks_a_map) {
    static uint8_t data[INPUT_MAX];
    glob_t found = {0};
    cr_assert_eq(glob(HEDDLE_SOURCE_DIR "/tests/mapimpl/corpus/*", 0, NULL, &found), 0);
    cr_assert_gt(found.gl_pathc, 20);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        FILE *file = fopen(found.gl_pathv[i], "rb");
        cr_assert_not_null(file);
        size_t size = fread(data, 1, sizeof data, file);
        cr_assert(size > 0 && size < sizeof data, "%s", found.gl_pathv[i]);
        fclose(file);
        LLVMFuzzerTestOneInput(data, size);
    }
    globfree(&found);
}
