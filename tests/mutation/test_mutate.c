/* test_mutate.c - what is changed in a source, and what is left alone. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[64], output[65536];

static void set_up(void) {
    snprintf(path, sizeof path, "/tmp/heddle-test-mutate-XXXXXX");
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    close(file);
}

static void tear_down(void) {
    unlink(path);
}

TestSuite(mutate, .init = set_up, .fini = tear_down);

/* Returns the exit status; `output` is what it printed. */
static int mutate(const char *source, const char *what, const char *number) {
    char command[256];
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(source, file);
    fclose(file);
    snprintf(command, sizeof command, "'" HEDDLE_BUILD_DIR "/tests/mutate' %s '%s' %s 2>/dev/null",
             what, path, number);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    output[fread(output, 1, sizeof output - 1, pipe)] = '\0';
    return pclose(pipe) / 256;
}

/* What becomes of the body of a function of one statement: all of its changes, a line each. */
static void expect_changes(const char *statement, const char *expected) {
    char source[1024], changed[4096] = "";
    snprintf(source, sizeof source, "bool f(int a, int b) {\n    %s\n}\n", statement);
    cr_assert_eq(mutate(source, "list", ""), 0);
    for (char *line = strtok(output, "\n"); line != NULL; line = strtok(NULL, "\n"))
        snprintf(changed + strlen(changed), sizeof changed - strlen(changed), "%s\n",
                 strrchr(line, '\t') + 1);
    cr_expect_str_eq(changed, expected, "%s became\n%s", statement, changed);
}

Test(mutate, comparisons_move_their_bound_or_turn_round) {
    expect_changes("int c = a < b;", "int c = a <= b;\n");
    expect_changes("int c = a >= b;", "int c = a > b;\n");
    expect_changes("int c = a == b;", "int c = a != b;\n");
}

Test(mutate, conditions_are_turned_round_once) {
    expect_changes("if (a) g();", "if (!(a)) g();\nif (a) ;\n");
    expect_changes("if (a == b) g();", "if (a != b) g();\nif (a == b) ;\n");
    expect_changes("if (!a) g();", "if (a) g();\nif (!a) ;\n");
    expect_changes("while (a && b) g();",
                   "while (!(a && b)) g();\nwhile (a || b) g();\nwhile (a && b) ;\n");
    expect_changes("for (; a < b; a++) g();",
                   "for (; 0; a++) g();\nfor (; a <= b; a++) g();\nfor (; a < b; a--) g();\n"
                   "for (; a < b; a++) ;\n");
    expect_changes("int c = a ? b : a;", "int c = a == 0 ? b : a;\n");
}

Test(mutate, numbers_are_one_off) {
    expect_changes("int c = 0;", "int c = 1;\n");
    expect_changes("int c = 1u;", "int c = 0u;\n");
    expect_changes("int c = 0x10;", "int c = (0x10 + 1);\n");
    expect_changes("int c = 1.5e-3;", "int c = (1.5e-3 + 1);\n");
    expect_changes("bool c = true;", "bool c = false;\n");
}

Test(mutate, operators_have_a_counterpart_where_they_stand_between_two) {
    expect_changes("int c = a + b;", "int c = a - b;\n");
    expect_changes("int *c = &a, d = -b;", "");
    expect_changes("int c = a | b << *d;", "int c = a & b << *d;\nint c = a | b >> *d;\n");
    expect_changes("a += b;", ";\na -= b;\n");
    expect_changes("return a;", "return 0;\nreturn true;\n");
    expect_changes("break;", "continue;\n");
}

Test(mutate, declarations_assertions_and_texts_stay) {
    expect_changes("struct s *c;", "");
    expect_changes("type *c;", "");
    expect_changes("static const char c[16] = \"1 < 2\";", "");
    expect_changes("HD_ASSERT(a < b);", "");
    expect_changes("(void)a; /* 1 == 1 */", "");
    expect_changes("case_1: default_2: g('0');", "case_1: default_2: ;\n");
}

/* With the lines below where they were, in a macro, too. */
Test(mutate, a_change_is_applied_and_moves_no_line) {
    static const char source[] =
        "#define F(x)  \\\n    void x(void) { \\\n        g(1, \\\n          2); \\\n"
        "    }\nint last;\n";
    cr_assert_eq(mutate(source, "list", ""), 0);
    cr_expect_str_eq(output, "0\t3\tF\tg(1, \\ 2); \\\t; \\\n1\t3\tF\tg(1, \\\tg(0, \\\n"
                             "2\t4\tF\t2); \\\t(2 + 1)); \\\n");
    cr_assert_eq(mutate(source, "apply", "0"), 0);
    cr_expect_str_eq(
        output, "#define F(x)  \\\n    void x(void) { \\\n        ;\\\n \\\n    }\nint last;\n");
}

Test(mutate, what_is_no_change_or_no_source_is_an_error) {
    cr_expect_eq(mutate("int a;\n", "apply", "0"), 65);
    cr_expect_eq(mutate("int f(void) {\n", "list", ""), 65);
    cr_expect_eq(mutate("int a;\n", "list", "0"), 64);
}
