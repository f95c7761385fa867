/* test_saved.c - one fault in a file of its own. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/file.h"
#include "reports/saved.h"
#include "tests/reports/support.h"
#include "tests/scratch.h"

static const char path[] = "saved.json";
static char error[HD_LINE_SIZE];

static void set_up(void) {
    scratch_begin();
    int descriptor = open(path, O_CREAT | O_WRONLY, 0600);
    cr_assert_geq(descriptor, 0);
    close(descriptor);
}

TestSuite(reports_saved, .init = set_up, .fini = scratch_end);

static struct rp_saved sample(void) {
    return (struct rp_saved){.version = "0.1.0",
                             .build = "00000000deadbeef",
                             .flavour = "controlled",
                             .scenario = "./a scenario.yaml",
                             .map = "gomap",
                             .campaign_seed = UINT64_MAX,
                             .record = sample_fault()};
}

static void put(const char *text, size_t size) {
    FILE *stream = fopen(path, "w");
    cr_assert_not_null(stream);
    fwrite(text, 1, size, stream);
    fclose(stream);
}

static char *content(size_t *size) {
    char *text = NULL;
    cr_assert_eq(rp_file_read(path, 1 << 20, &text, size, error), 0, "%s", error);
    return text;
}

static void is_refused(void) {
    struct rp_saved read = {0};
    error[0] = '\0';
    cr_expect_eq(rp_saved_read(path, &read, error), -EINVAL);
    cr_expect_eq(strncmp(error, path, strlen(path)), 0, "%s", error);
    cr_expect_eq(error[strlen(path)], ':', "%s", error);
    cr_expect_gt(atoi(error + strlen(path) + 1), 0, "%s", error);
    cr_expect_null(strchr(error, '\n'), "%s", error);
}

/* Invariant F. */
Test(reports_saved, what_was_written_is_read_and_written_back_byte_for_byte) {
    struct rp_saved saved = sample();
    cr_assert_eq(rp_saved_write(path, &saved, error), 0, "%s", error);
    size_t first_size = 0;
    char *first = content(&first_size);
    struct rp_saved read = {0};
    cr_assert_eq(rp_saved_read(path, &read, error), 0, "%s", error);
    cr_expect_eq(read.campaign_seed, UINT64_MAX);
    cr_expect_eq(read.record.digest, saved.record.digest);
    cr_expect_str_eq(read.record.schedule, saved.record.schedule);
    cr_expect_str_eq(read.scenario, saved.scenario);
    cr_assert_eq(rp_saved_write(path, &read, error), 0);
    size_t second_size = 0;
    char *second = content(&second_size);
    cr_expect_str_eq(first, second);
    free(first);
    free(second);
    rp_saved_clear(&saved);
    rp_saved_clear(&read);
}

Test(reports_saved, a_first_bad_point_comes_back_as_it_was) {
    struct rp_saved saved = sample(), read = {0};
    hd_fault_record_clear(&saved.record);
    saved.record = sample_first_bad(31, 38);
    cr_assert_eq(rp_saved_write(path, &saved, error), 0, "%s", error);
    cr_assert_eq(rp_saved_read(path, &read, error), 0, "%s", error);
    const struct hd_first_bad *one = &saved.record.first_bad, *two = &read.record.first_bad;
    cr_expect(two->told);
    cr_expect_eq(two->seen, 40);
    cr_expect_eq(two->executions, 11);
    cr_expect_str_eq(two->message, one->message);
    cr_expect_arr_eq(&two->first, &one->first, sizeof(one->first));
    cr_expect_arr_eq(&two->last, &one->last, sizeof(one->last));
    cr_expect_str_eq(two->before, one->before);
    cr_expect_str_eq(two->after, one->after);
    rp_saved_clear(&saved);
    rp_saved_clear(&read);
}

/* Replaces the first `from` in the saved sample by `to`. */
static void change(const char *from, const char *to) {
    struct rp_saved saved = sample();
    cr_assert_eq(rp_saved_write(path, &saved, error), 0);
    size_t size = 0;
    char *text = content(&size);
    char *place = strstr(text, from);
    cr_assert_not_null(place, "%s", from);
    char *changed = NULL;
    int length =
        asprintf(&changed, "%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
    cr_assert_gt(length, 0);
    put(changed, (size_t)length);
    free(changed);
    free(text);
    rp_saved_clear(&saved);
}

/* Files from before it was told hold none. */
Test(reports_saved, a_file_without_a_first_bad_point_is_read) {
    struct rp_saved read = {0};
    change("  \"first_bad\": null,\n", "");
    cr_assert_eq(rp_saved_read(path, &read, error), 0, "%s", error);
    cr_expect_not(read.record.first_bad.told);
    rp_saved_clear(&read);
    change("\"first_bad\": null", "\"first_bad\": 7");
    is_refused();
    change("\"first_bad\": null", "\"first_bad\": {}");
    is_refused();
}

/* Every prefix but the whole (and the whole without its last line feed). */
Test(reports_saved, a_file_cut_short_anywhere_is_refused) {
    struct rp_saved saved = sample();
    cr_assert_eq(rp_saved_write(path, &saved, error), 0);
    size_t size = 0;
    char *text = content(&size);
    for (size_t length = 0; length + 1 < size; length++) {
        put(text, length);
        is_refused();
    }
    free(text);
    rp_saved_clear(&saved);
}

Test(reports_saved, binary_garbage_is_refused) {
    static const char garbage[] = "\0\x7f"
                                  "ELF\x02\x01\x01\xff\xfe\n\033[2J{";
    put(garbage, sizeof(garbage));
    is_refused();
    put("{\0}", 3);
    is_refused();
    put("[]", 2);
    is_refused();
    put("{}", 2);
    is_refused();
}

Test(reports_saved, a_field_of_another_type_or_range_is_refused_with_its_line) {
    static const struct {
        const char *from;
        const char *to;
        int line;
    } changes[] = {
        {"\"schema\": 1", "\"schema\": 2", 3},
        {"\"heddle-fault\"", "\"other\"", 2},
        {"\"0x00000000c0ffee00\"", "\"0xc0ffee00\"", 11},
        {"\"0x00000000c0ffee00\"", "\"0x00000000c0ffeg00\"", 11},
        {"\"0x00000000c0ffee00\"", "12", 11},
        {"\"kind\": \"fatal\"", "\"kind\": \"fatale\"", 13},
        {"\"execution\": 6213", "\"execution\": -1", 16},
        {"\"execution\": 6213", "\"execution\": 1.5", 16},
        {"\"execution\": 6213,", "\"executions\": 6213,", 1},
        {"\"concurrent map writes\"", "null", 14},
    };
    for (size_t index = 0; index < sizeof(changes) / sizeof(changes[0]); index++) {
        change(changes[index].from, changes[index].to);
        is_refused();
        cr_expect_eq(atoi(error + strlen(path) + 1), changes[index].line, "%s", error);
    }
}

Test(reports_saved, a_full_disk_is_one_line) {
    struct rp_saved saved = sample();
    cr_expect_eq(rp_saved_write("/dev/full", &saved, error), -ENOSPC);
    cr_expect_str_eq(error, "/dev/full: No space left on device");
    rp_saved_clear(&saved);
}

static int write_nothing(FILE *stream, const void *context) {
    (void)stream;
    (void)context;
    return -ENOSPC;
}

Test(reports_file, a_failed_write_leaves_what_was_there) {
    set_up();
    put("old", 3);
    cr_expect_eq(rp_file_write(path, write_nothing, NULL, error), -ENOSPC);
    size_t size = 0;
    char *text = content(&size);
    cr_expect_str_eq(text, "old");
    free(text);
    scratch_end();
}

static int write_text(FILE *stream, const void *text) {
    return fputs(text, stream) == EOF ? -errno : 0;
}

/* Another run writes the same file meanwhile. */
static int write_around(FILE *stream, const void *text) {
    char other[HD_LINE_SIZE];
    cr_expect_eq(rp_file_write(path, write_text, "of the other run\n", other), 0);
    return write_text(stream, text);
}

static size_t left_beside(void) {
    char pattern[80];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s?*", path);
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

Test(reports_saved, two_runs_with_one_file_never_mix) {
    size_t size;
    cr_expect_eq(rp_file_write(path, write_around, "of this run\n", error), 0, "%s", error);
    char *text = content(&size);
    cr_expect_str_eq(text, "of this run\n");
    free(text);
    cr_expect_eq(left_beside(), 0);
}

Test(reports_saved, a_file_has_the_permissions_of_any_other_and_leaves_none_beside) {
    struct stat status;
    umask(027);
    cr_expect_eq(rp_file_write(path, write_text, "x", error), 0, "%s", error);
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0640, "%o", status.st_mode);
    cr_expect_eq(rp_file_write(path, write_nothing, NULL, error), -ENOSPC);
    cr_expect_eq(left_beside(), 0);
}
