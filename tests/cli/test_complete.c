/* test_complete.c - completion by the shells: what heddle proposes, and bash's and zsh's own part.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/cli/support.h"

static void set_up(void) {
    scratch_begin();
}

TestSuite(complete, .init = set_up, .fini = scratch_end);

/* What bash puts behind `heddle WORDS`, a line each. `words` ends with the one that is typed. */
static const char *bash(const char *words) {
    const struct child *ended =
        sh(REAL,
           "cat >try.bash <<'END'\n"
           ". \"$SOURCE\"/cli/completion/heddle.bash\n"
           "COMP_WORDS=(\"$H\" %s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _heddle\n"
           "printf '%%s\\n' \"${COMPREPLY[@]}\"\nEND\n"
           "H=$H bash --norc try.bash",
           words);
    cr_expect_str_eq(ended->errors, "", "%s", ended->errors);
    return ended->output;
}

Test(complete, bash_knows_commands_options_and_names) {
    cr_expect_str_eq(bash("re"), "replay\n");
    cr_expect_str_eq(bash("help re"), "replay\n");
    cr_expect_str_eq(bash("run --sc"), "--scenario\n");
    cr_expect_str_eq(bash("bench --dist"), "--distribution\n", "of another executable");
    cr_expect_str_eq(bash("scenario check --m"), "--map\n", "of a command of two words");
    cr_expect_str_eq(bash("run --scenario growth-w"), "growth-window\ngrowth-window-strings\n");
    cr_expect_str_eq(bash("run -m gomap-flag-u"), "gomap-flag-untested\n");
    cr_expect_str_eq(bash("run --map = gomap-flag-u"), "gomap-flag-untested\n",
                     "bash cuts words at the sign");
    cr_expect_str_eq(bash("run --strategy p"), "pct\n");
    cr_expect_str_eq(bash("run --flavour t"), "tsan\n");
    cr_expect_str_eq(bash("scenario show one"), "one-task\n");
    cr_expect_str_eq(bash("scenario s"), "show\n");
    cr_expect_not_null(strstr(bash("list --tag gro"), "growth\n"));
}

Test(complete, bash_knows_files_where_a_file_may_stand) {
    sh(REAL, "mkdir folder && touch fault.json 'f two.so'");
    cr_expect_str_eq(bash("replay fau"), "fault.json\n");
    cr_expect_str_eq(bash("run -m 'f t'"), "f two.so\n");
    cr_expect_str_eq(bash("run --out f"), "folder\n");
    cr_expect_str_eq(bash("run --seed f"), "\n");
}

Test(complete, nothing_is_proposed_for_what_is_unknown) {
    cr_expect_str_eq(bash("nonsense --"), "\n");
    cr_expect_str_eq(bash("run --nonsense x"), "\n");
}

/* Where zsh is there. */
Test(complete, zsh_can_read_its_part) {
    const struct child *ended =
        sh(REAL,
           "command -v zsh >/dev/null || exit 0; exec zsh -n \"$SOURCE\"/cli/completion/_heddle");
    cr_expect_eq(ended->status, 0, "%s", ended->errors);
}
