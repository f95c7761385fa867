/* trace_ops.c - the operations of a script.
 *
 * Overrides of what the map drew (`new HINT SEED`, `iter B O`) come after the draw, so that the stream of
 * draws does not depend on them. A pinned seed is pinned again when the map draws a new one.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mapimpl/gomap/trace_internal.h"

/* ---- arguments */

static int number(struct trace *t, const char *word, uint64_t *value) {
    char *end;
    int base = strncmp(word, "0x", 2) == 0 ? 16 : 10;
    errno = 0;
    unsigned long long read = strtoull(word, &end, base);
    if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0) {
        return trace_fail(t, "'%.32s' is not a number from 0 to 2^64 - 1", word);
    }
    *value = read;
    return 0;
}

/* Reads the numbers behind the first `skip` words into value[], as many as there are. */
static int numbers(struct trace *t, const struct trace_words *words, unsigned skip,
                   uint64_t value[]) {
    for (unsigned i = skip; i < words->count; i++) {
        int error = number(t, words->word[i], &value[i - skip]);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

/* Chooses one of two or three words; the position is the answer. */
static int choice(struct trace *t, const struct trace_words *words, const char *const option[],
                  unsigned options, unsigned *chosen) {
    for (unsigned i = 0; i < options; i++) {
        if (strcmp(words->word[1], option[i]) == 0) {
            *chosen = i;
            return 0;
        }
    }
    return trace_fail(t, "'%.32s' is no argument of %s", words->word[1], words->word[0]);
}

/* ---- printing */

static void line_begin(const struct trace *t, const char *name) {
    fprintf(t->out, "{\"line\":%" PRIu64 ",\"op\":\"%s\"", t->line, name);
}

static void line_end(const struct trace *t) {
    fputs("}\n", t->out);
}

static void repin(struct trace *t, uint64_t count_before) {
    if (t->pinned && count_before != 0 && gomap_length(t->map) == 0) {
        if (t->reseed_roll) {
            t->seed = (uint32_t)gomap_splitmix(t->seed);
        }
        t->map->hash0 = t->seed;
    }
}

static void map_del(struct trace *t, uint64_t key) {
    uint64_t before = gomap_length(t->map);
    trace_del(t, key);
    repin(t, before);
}

/* ---- directives: they print nothing */

static int run_hash(struct trace *t, const struct trace_words *words) {
    static const char *const option[] = {"mix", "ident", "const"};
    static const enum gomap_hash_mode mode[] = {GOMAP_HASH_MIX, GOMAP_HASH_IDENT, GOMAP_HASH_CONST};
    unsigned chosen = 0;
    int error = choice(t, words, option, 3, &chosen);
    t->hash_mode = mode[chosen];
    return error;
}

static int run_keys(struct trace *t, const struct trace_words *words) {
    for (const struct trace_kind *kind = trace_kind; kind->name != NULL; kind++) {
        if (strcmp(words->word[1], kind->name) == 0) {
            t->kind_next = kind;
            return 0;
        }
    }
    return trace_fail(t, "'%.32s' is no kind of keys", words->word[1]);
}

static int run_rng(struct trace *t, const struct trace_words *words) {
    uint64_t state = 0;
    int error = numbers(t, words, 1, &state);
    GOMAP_STORE(t->random.state, state);
    GOMAP_STORE(t->random.draws, 0);
    return error;
}

static int run_impl(struct trace *t, const struct trace_words *words) {
    unsigned chosen = 0;
    int error = choice(t, words, (const char *const[]){"fast64", "generic"}, 2, &chosen);
    t->generic = chosen == 1;
    return error;
}

static int run_reseed(struct trace *t, const struct trace_words *words) {
    unsigned chosen = 0;
    int error = choice(t, words, (const char *const[]){"keep", "roll"}, 2, &chosen);
    t->reseed_roll = chosen == 1;
    return error;
}

static int run_quiet(struct trace *t, const struct trace_words *words) {
    unsigned chosen = 0;
    int error = choice(t, words, (const char *const[]){"off", "on"}, 2, &chosen);
    t->quiet = chosen == 1;
    return error;
}

/* ---- operations */

/* The number without the bits that its key does not have. */
static uint64_t key_named(const struct trace *t, uint64_t number) {
    return number & t->kind->mask;
}

/* A negative hint, as Go's is an int, wraps to one that there is no room for. */
static int run_new(struct trace *t, const struct trace_words *words) {
    uint64_t value[2] = {0, 0};
    bool negative = words->word[1][0] == '-';
    int error = number(t, words->word[1] + negative, &value[0]);
    if (error == 0) {
        error = numbers(t, words, 2, &value[1]);
    }
    if (error != 0) {
        return error;
    }
    if (value[1] > UINT32_MAX) {
        return trace_fail(t, "a hash seed has 32 bits");
    }
    trace_drop(t);
    error = trace_make(t, negative ? 0 - value[0] : value[0]);
    if (error != 0) {
        return error;
    }
    t->pinned = words->count > 2;
    if (t->pinned) {
        t->seed = (uint32_t)value[1];
        t->map->hash0 = t->seed;
    }
    if (!t->quiet) {
        line_begin(t, "new");
        fprintf(t->out, ",\"hint\":%s%" PRIu64, negative ? "-" : "", value[0]);
        trace_print_state(t);
        line_end(t);
    }
    return 0;
}

static int run_put(struct trace *t, const struct trace_words *words) {
    uint64_t value[2];
    int error = numbers(t, words, 1, value);
    if (error == 0) {
        error = trace_put(t, value[0], value[1]);
    }
    if (error == 0 && !t->quiet) {
        line_begin(t, "put");
        fprintf(t->out, ",\"k\":%" PRIu64 ",\"v\":%" PRIu64, key_named(t, value[0]), value[1]);
        trace_print_state(t);
        line_end(t);
    }
    return error;
}

static int run_get(struct trace *t, const struct trace_words *words) {
    uint64_t key;
    int error = numbers(t, words, 1, &key);
    if (error != 0) {
        return error;
    }
    const uint64_t *found = trace_get(t, key);
    if (!t->quiet) {
        line_begin(t, "get");
        fprintf(t->out, ",\"k\":%" PRIu64 ",\"v\":%" PRIu64 ",\"ok\":%d", key_named(t, key),
                found != NULL ? *found : 0, found != NULL);
        trace_print_state(t);
        line_end(t);
    }
    return 0;
}

static int run_del(struct trace *t, const struct trace_words *words) {
    uint64_t key;
    int error = numbers(t, words, 1, &key);
    if (error != 0) {
        return error;
    }
    map_del(t, key);
    if (!t->quiet) {
        line_begin(t, "del");
        fprintf(t->out, ",\"k\":%" PRIu64, key_named(t, key));
        trace_print_state(t);
        line_end(t);
    }
    return 0;
}

static int run_clear(struct trace *t, const struct trace_words *words) {
    (void)words;
    uint64_t before = gomap_length(t->map);
    gomap_clear(t->map);
    repin(t, before);
    if (!t->quiet) {
        line_begin(t, "clear");
        trace_print_state(t);
        line_end(t);
    }
    return 0;
}

/* putrange, delrange and getrange: one operation a key; lookups count hits and sum up values. */
static int run_range(struct trace *t, const struct trace_words *words) {
    uint64_t value[3] = {0, 0, 1};
    int error = numbers(t, words, 1, value);
    if (error == 0 && value[1] > TRACE_RANGE_MAX) {
        return trace_fail(t, "%s takes at most %u keys", words->word[0], TRACE_RANGE_MAX);
    }
    uint64_t hits = 0;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < value[1] && error == 0; i++) {
        uint64_t key = key_named(t, value[0] + i * value[2]);
        if (words->word[0][0] == 'p') {
            error = trace_put(t, key, 3 * key + 1);
        } else if (words->word[0][0] == 'd') {
            map_del(t, key);
        } else {
            const uint64_t *found = trace_get(t, key);
            hits += found != NULL;
            sum += found != NULL ? *found : 0;
        }
    }
    if (error == 0 && !t->quiet) {
        line_begin(t, words->word[0]);
        fprintf(t->out,
                ",\"first\":%" PRIu64 ",\"n\":%" PRIu64 ",\"step\":%" PRIu64 ",\"hits\":%" PRIu64
                ",\"sum\":%" PRIu64,
                value[0], value[1], value[2], hits, sum);
        trace_print_state(t);
        line_end(t);
    }
    return error;
}

/* ---- iterations */

static void walk_arrive(const struct trace *t, struct trace_walk *walk) {
    walk->done = walk->iter.any_key == NULL;
    if (!walk->done) {
        walk->key = t->kind->number(walk->iter.any_key);
        walk->value = *walk->iter.value;
    }
}

static void walk_step(const struct trace *t, struct trace_walk *walk) {
    gomap_iter_next(&walk->iter);
    walk_arrive(t, walk);
}

static int walk_start(struct trace *t, const struct trace_words *words, unsigned skip,
                      struct trace_walk *walk) {
    uint64_t value[2];
    if (words->count == skip + 1) {
        return trace_fail(t, "%s: a bucket needs an offset", words->word[0]);
    }
    int error = numbers(t, words, skip, value);
    if (error != 0) {
        return error;
    }
    if (words->count > skip) {
        gomap_iter_init_at(&walk->iter, t->map, value[0], (uint8_t)(value[1] & (GOMAP_SLOTS - 1)));
    } else {
        gomap_iter_init(&walk->iter, t->map);
    }
    walk_arrive(t, walk);
    return 0;
}

static int run_iter(struct trace *t, const struct trace_words *words) {
    struct trace_walk walk;
    int error = walk_start(t, words, 1, &walk);
    if (error != 0) {
        return error;
    }
    if (!t->quiet) {
        line_begin(t, "iter");
        trace_print_iterator(t, &walk.iter);
        fputs(",\"keys\":[", t->out);
    }
    for (const char *comma = ""; !walk.done; walk_step(t, &walk)) {
        if (!t->quiet) {
            fprintf(t->out, "%s%" PRIu64, comma, walk.key);
        }
        comma = ",";
    }
    gomap_iter_end(&walk.iter);
    if (!t->quiet) {
        fputc(']', t->out);
        trace_print_state(t);
        line_end(t);
    }
    return 0;
}

static struct trace_iterator *iterator_find(struct trace *t, const char *id) {
    for (unsigned i = 0; i < t->iterators; i++) {
        if (strcmp(t->iterator[i].id, id) == 0) {
            return &t->iterator[i];
        }
    }
    return NULL;
}

static void print_iterator_line(struct trace *t, const struct trace_walk *walk) {
    fprintf(t->out, ",\"done\":%d", walk->done);
    trace_print_iterator(t, &walk->iter);
    trace_print_state(t);
    line_end(t);
}

static int run_it_new(struct trace *t, const struct trace_words *words) {
    const char *id = words->word[1];
    struct trace_iterator *it = iterator_find(t, id);
    if (it == NULL && t->iterators == TRACE_ITERATORS_MAX) {
        return trace_fail(t, "more than %u iterators", TRACE_ITERATORS_MAX);
    }
    if (strlen(id) >= TRACE_ID_SIZE || strpbrk(id, "\"\\") != NULL) {
        return trace_fail(t, "an iterator's name has up to %u plain characters", TRACE_ID_SIZE - 1);
    }
    struct trace_walk walk;
    int error = walk_start(t, words, 2, &walk);
    if (error != 0) {
        return error;
    }
    if (it == NULL) {
        it = &t->iterator[t->iterators++];
        strcpy(it->id, id);
    } else {
        gomap_iter_end(&it->walk.iter);
    }
    it->walk = walk;
    if (!t->quiet) {
        line_begin(t, "it.new");
        fprintf(t->out, ",\"id\":\"%s\"", id);
        print_iterator_line(t, &it->walk);
    }
    return 0;
}

static int run_it_next(struct trace *t, const struct trace_words *words) {
    uint64_t steps = 1;
    int error = numbers(t, words, 2, &steps);
    if (error != 0) {
        return error;
    }
    struct trace_iterator *it = iterator_find(t, words->word[1]);
    if (it == NULL) {
        return trace_fail(t, "no iterator '%.32s' in this map", words->word[1]);
    }
    if (!t->quiet) {
        line_begin(t, "it.next");
        fprintf(t->out, ",\"id\":\"%s\",\"kv\":[", it->id);
    }
    for (uint64_t i = 0; !it->walk.done && (steps == 0 || i < steps); i++) {
        if (!t->quiet) {
            fprintf(t->out, "%s[%" PRIu64 ",%" PRIu64 "]", i == 0 ? "" : ",", it->walk.key,
                    it->walk.value);
        }
        walk_step(t, &it->walk);
    }
    if (!t->quiet) {
        fputc(']', t->out);
        print_iterator_line(t, &it->walk);
    }
    return 0;
}

static int run_state(struct trace *t, const struct trace_words *words) {
    const char *name = words->word[0];
    line_begin(t, name);
    if (strcmp(name, "digest") == 0) {
        fprintf(t->out, ",\"digest\":\"%016" PRIx64 "\"", trace_digest(t));
    }
    trace_print_state(t);
    if (strcmp(name, "dump") == 0) {
        trace_print_chains(t);
    }
    line_end(t);
    return 0;
}

/* ---- the table */

const struct trace_operation trace_operation[] = {
    {"hash", 1, 1, false, run_hash},
    {"keys", 1, 1, false, run_keys},
    {"rng", 1, 1, false, run_rng},
    {"impl", 1, 1, false, run_impl},
    {"reseed", 1, 1, false, run_reseed},
    {"quiet", 1, 1, false, run_quiet},
    {"new", 1, 2, false, run_new},
    {"put", 2, 2, true, run_put},
    {"get", 1, 1, true, run_get},
    {"del", 1, 1, true, run_del},
    {"clear", 0, 0, true, run_clear},
    {"putrange", 2, 3, true, run_range},
    {"delrange", 2, 3, true, run_range},
    {"getrange", 2, 3, true, run_range},
    {"iter", 0, 2, true, run_iter},
    {"it.new", 1, 3, true, run_it_new},
    {"it.next", 1, 2, true, run_it_next},
    {"stat", 0, 0, true, run_state},
    {"dump", 0, 0, true, run_state},
    {"digest", 0, 0, true, run_state},
    {NULL, 0, 0, false, NULL},
};
