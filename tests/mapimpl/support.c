/* support.c - see support.h.
 */
#include "tests/mapimpl/support.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mapimpl/native.h"

/* Lets a test ask for more memory than there is. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void on_event(void *context, const struct map_event *event) {
    struct test_host *t = context;
    if (t->events < EVENTS_MAX) {
        t->event[t->events++] = *event;
    }
    if (t->at_event != NULL) {
        t->at_event(t->context, event);
    }
}

static void on_fatal(void *context, const char *message) {
    struct test_host *t = context;
    t->message = message;
    longjmp(t->caught, 1);
}

void test_host_init(struct test_host *t) {
    t->host = (struct map_host){.context = t, .event = on_event, .fatal = on_fatal};
    t->message = NULL;
    t->events = 0;
    t->at_event = NULL;
    t->context = NULL;
}

uint64_t test_random(uint64_t seed, uint64_t n) {
    uint64_t x = seed + (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* ---- both kinds of keys */

#define SUBJECTS_MAX 32u

struct criterion_test_params test_subjects(bool (*takes)(const struct map_ops *ops)) {
    static struct test_subject subject[SUBJECTS_MAX];
    uint32_t maps;
    uint32_t count = 0;
    const struct map_ops *const *ops = map_native(&maps);
    for (uint32_t i = 0; i < maps; i++) {
        uint32_t kinds = ops[i]->strings != NULL ? 2 : 1;
        for (uint32_t strings = 0; strings < kinds; strings++) {
            if (takes == NULL || takes(ops[i])) {
                struct test_subject *s = &subject[count++];
                s->index = i;
                s->keys = strings ? MAP_KEYS_STRING : MAP_KEYS_NUMBER;
                snprintf(s->name, sizeof s->name, "%s%s", ops[i]->name, strings ? " (text)" : "");
            }
        }
    }
    return cr_make_param_array(struct test_subject, subject, count);
}

const struct map_ops *test_ops(const struct test_subject *subject) {
    uint32_t count;
    return map_native(&count)[subject->index];
}

#define HEX_DIGITS 16u

struct map_string test_text(uint64_t key, char text[TEST_TEXT_MAX]) {
    char digits[HEX_DIGITS + 1];
    if (key == 0) {
        return (struct map_string){NULL, 0};
    }
    if (key % 3 == 0) {
        memcpy(text, &key, sizeof key);
        return (struct map_string){text, sizeof key};
    }
    snprintf(digits, sizeof digits, "%016" PRIx64, key);
    size_t before = key % 3 == 1 ? TEST_TEXT_MAX - HEX_DIGITS : 0;
    memset(text, 'x', before);
    memcpy(text + before, digits, HEX_DIGITS);
    return (struct map_string){text, before + HEX_DIGITS};
}

uint64_t test_key(const struct map_string *text) {
    uint64_t key = 0;
    if (text->length == sizeof key) {
        memcpy(&key, text->data, sizeof key);
    } else if (text->length != 0) {
        char digits[HEX_DIGITS + 1] = "";
        memcpy(digits, text->data + text->length - HEX_DIGITS, HEX_DIGITS);
        key = strtoull(digits, NULL, 16);
    }
    return key;
}

void *test_made(const struct test_subject *subject, struct map_options options) {
    void *map = NULL;
    options.keys = subject->keys;
    cr_assert_eq(test_ops(subject)->create(&options, &map_host_standalone, &map), 0);
    cr_assert_not_null(map);
    return map;
}

bool test_get(const struct test_subject *subject, void *map, uint64_t key, uint64_t *value) {
    if (subject->keys == MAP_KEYS_NUMBER) {
        return test_ops(subject)->get(map, key, value);
    }
    char bytes[TEST_TEXT_MAX];
    struct map_string text = test_text(key, bytes);
    return test_ops(subject)->strings->get(map, &text, value);
}

/* The bytes must outlive the map: they go with the process. Not from the heap, which tests replace. Any
 * thread. */
static char *bytes_for_ever(void) {
    enum { TEXTS = 16384 };
    static _Thread_local char *block;
    static _Thread_local size_t used;
    if (block == NULL || used == TEXTS) {
        block = mmap(NULL, (size_t)TEXTS * TEST_TEXT_MAX, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        cr_assert_neq((void *)block, MAP_FAILED);
        used = 0;
    }
    return block + TEST_TEXT_MAX * used++;
}

int test_put(const struct test_subject *subject, void *map, uint64_t key, uint64_t value) {
    if (subject->keys == MAP_KEYS_NUMBER) {
        return test_ops(subject)->put(map, key, value);
    }
    struct map_string text = test_text(key, bytes_for_ever());
    return test_ops(subject)->strings->put(map, &text, value);
}

int test_del(const struct test_subject *subject, void *map, uint64_t key) {
    if (subject->keys == MAP_KEYS_NUMBER) {
        return test_ops(subject)->del(map, key);
    }
    char bytes[TEST_TEXT_MAX];
    struct map_string text = test_text(key, bytes);
    return test_ops(subject)->strings->del(map, &text);
}

struct text_visitor {
    bool (*visit)(void *context, uint64_t key, uint64_t value);
    void *context;
};

static bool visit_text(void *context, const struct map_string *text, uint64_t value) {
    const struct text_visitor *visitor = context;
    return visitor->visit(visitor->context, test_key(text), value);
}

uint64_t test_iterate(const struct test_subject *subject, void *map,
                      bool (*visit)(void *context, uint64_t key, uint64_t value), void *context) {
    if (subject->keys == MAP_KEYS_NUMBER) {
        return test_ops(subject)->iterate(map, visit, context);
    }
    struct text_visitor visitor = {visit, context};
    return test_ops(subject)->strings->iterate(map, visit_text, &visitor);
}
