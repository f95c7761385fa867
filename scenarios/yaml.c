/* yaml.c - reading and positions: see yaml.h.
 *
 * libyaml's document is used rather than a schema library, because every message must name the
 * place of the value it is about, also when the value is refused for its meaning and not for its
 * form.
 */
#include "scenarios/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/base/nearest.h"
#include "harness/result/record.h"

#define DEPTH_MAX 256u

/* ---- messages -------------------------------------------------------------------------------- */

/* One line, whatever bytes the file had. */
static void make_printable(char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
    }
}

static void message_at(struct sn_yaml *yaml, yaml_mark_t mark, const char *format, va_list list) {
    char reason[HD_LINE_SIZE];
    vsnprintf(reason, sizeof(reason), format, list);
    make_printable(reason);
    snprintf(yaml->error, HD_LINE_SIZE, "%.200s:%zu:%zu: %.280s", yaml->file, mark.line + 1,
             mark.column + 1, reason);
}

bool sn_yaml_fail(struct sn_yaml *yaml, const yaml_node_t *node, const char *format, ...) {
    va_list list;
    va_start(list, format);
    message_at(yaml, node->start_mark, format, list);
    va_end(list);
    return false;
}

bool sn_yaml_fail_within(struct sn_yaml *yaml, const yaml_node_t *node, size_t offset,
                         const char *format, ...) {
    yaml_mark_t mark = node->start_mark;
    mark.column += offset;
    va_list list;
    va_start(list, format);
    message_at(yaml, mark, format, list);
    va_end(list);
    return false;
}

char *sn_yaml_place(const struct sn_yaml *yaml, const yaml_node_t *node) {
    char place[HD_LINE_SIZE];
    snprintf(place, sizeof(place), "%.200s:%zu:%zu", yaml->file, node->start_mark.line + 1,
             node->start_mark.column + 1);
    return strdup(place);
}

static int fail_mark(struct sn_yaml *yaml, yaml_mark_t mark, const char *format, ...) {
    va_list list;
    va_start(list, format);
    message_at(yaml, mark, format, list);
    va_end(list);
    return -EINVAL;
}

static int fail_file(struct sn_yaml *yaml, int status) {
    snprintf(yaml->error, HD_LINE_SIZE, "%.200s: %s", yaml->file, strerror(-status));
    return status;
}

void sn_words_text(struct sn_words words, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t index = 0; index < words.count; index++) {
        int length =
            snprintf(text + used, size - used, "%s%s", index == 0 ? "" : ", ", words.word[index]);
        if (length < 0 || (size_t)length >= size - used) {
            if (size > 4)
                memcpy(text + size - 4, "...", 4);
            return;
        }
        used += (size_t)length;
    }
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Reads up to `size` bytes until the end of the file. Returns how many, or -errno. */
static ssize_t read_whole(int descriptor, char *buffer, size_t size) {
    size_t used = 0;
    while (used < size) { /* ends: each turn reads a byte, meets the end, or fails */
        ssize_t got = read(descriptor, buffer + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static int fail_size(struct sn_yaml *yaml) {
    snprintf(yaml->error, HD_LINE_SIZE, "%.200s: has more than %u bytes, the most of a scenario",
             yaml->file, SN_FILE_SIZE_MAX);
    return -EFBIG;
}

/* Opening never waits, for a pipe that nobody writes to is empty; reading waits for the writer. */
static int open_file(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0)
        (void)fcntl(descriptor, F_SETFL, 0);
    return descriptor;
}

/* The file's bytes in a heap buffer. Returns how many, or -errno with a message. */
static ssize_t load_bytes(struct sn_yaml *yaml, const char *path, char **bytes) {
    int descriptor = open_file(path);
    if (descriptor < 0)
        return fail_file(yaml, -errno);
    struct stat status;
    ssize_t count = 0;
    char *buffer = malloc(SN_FILE_SIZE_MAX + 1);
    if (buffer == NULL)
        count = fail_file(yaml, -ENOMEM);
    else if (fstat(descriptor, &status) != 0)
        count = fail_file(yaml, -errno);
    else if (S_ISDIR(status.st_mode))
        count = fail_file(yaml, -EISDIR);
    else if ((count = read_whole(descriptor, buffer, SN_FILE_SIZE_MAX + 1)) < 0)
        fail_file(yaml, (int)count);
    else if (count > (ssize_t)SN_FILE_SIZE_MAX)
        count = fail_size(yaml);
    close(descriptor);
    if (count < 0)
        free(buffer);
    else
        *bytes = buffer;
    return count;
}

/* The place of a byte, in lines and characters. */
static yaml_mark_t mark_of(const char *bytes, size_t offset) {
    yaml_mark_t mark = {0, 0, 0};
    for (size_t index = 0; index < offset; index++) {
        if (bytes[index] == '\n')
            mark = (yaml_mark_t){.line = mark.line + 1};
        else if (((unsigned char)bytes[index] & 0xc0) != 0x80) /* no later byte of a character */
            mark.column++;
    }
    return mark;
}

static int parser_problem(struct sn_yaml *yaml, const yaml_parser_t *parser, const char *bytes,
                          size_t count) {
    yaml_mark_t mark = parser->problem_mark;
    const char *problem = parser->problem != NULL ? parser->problem : "out of memory";
    size_t offset = parser->problem_offset;
    if (parser->error == YAML_READER_ERROR) /* it reads ahead, and tells the byte only */
        mark = mark_of(bytes, offset < count ? offset : count);
    if (parser->context != NULL)
        return fail_mark(yaml, mark, "%s, %s", problem, parser->context);
    return fail_mark(yaml, mark, "%s", problem);
}

/* Whether a second document follows: composing it is the only way to know. */
static int refuse_second(struct sn_yaml *yaml, yaml_parser_t *parser, const char *bytes,
                         size_t count) {
    yaml_document_t second;
    if (!yaml_parser_load(parser, &second))
        return parser_problem(yaml, parser, bytes, count);
    bool any = yaml_document_get_root_node(&second) != NULL;
    yaml_mark_t mark = second.start_mark;
    yaml_document_delete(&second);
    return any ? fail_mark(yaml, mark, "a second document; a scenario file holds one") : 0;
}

/* libyaml's time grows with the square of the depth of brackets; brackets inside quotes count
 * too. */
static int refuse_deep(struct sn_yaml *yaml, const char *bytes, size_t count) {
    yaml_mark_t mark = {0, 0, 0};
    size_t depth = 0;
    for (size_t index = 0; index < count; index++, mark.column++) {
        if (bytes[index] == '[' || bytes[index] == '{')
            depth++;
        else if ((bytes[index] == ']' || bytes[index] == '}') && depth > 0)
            depth--;
        if (depth > DEPTH_MAX)
            return fail_mark(yaml, mark, "brackets nest deeper than %u", DEPTH_MAX);
        if (bytes[index] == '\n') {
            mark.line++;
            mark.column = (size_t)-1;
        }
    }
    return 0;
}

static int parse_bytes(struct sn_yaml *yaml, const char *bytes, size_t count) {
    yaml_parser_t parser;
    if (refuse_deep(yaml, bytes, count) != 0)
        return -EINVAL;
    if (!yaml_parser_initialize(&parser))
        return fail_file(yaml, -ENOMEM);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, count);
    int status = 0;
    if (!yaml_parser_load(&parser, &yaml->document)) {
        status = parser_problem(yaml, &parser, bytes, count);
    } else {
        if (yaml_document_get_root_node(&yaml->document) == NULL)
            status = fail_mark(yaml, (yaml_mark_t){0, 0, 0}, "the file is empty");
        else
            status = refuse_second(yaml, &parser, bytes, count);
        if (status != 0)
            yaml_document_delete(&yaml->document);
    }
    yaml_parser_delete(&parser);
    return status;
}

int sn_yaml_open(struct sn_yaml *yaml, const char *path, char *error) {
    *yaml = (struct sn_yaml){.file = path, .error = error};
    char *bytes = NULL;
    ssize_t count = load_bytes(yaml, path, &bytes);
    if (count < 0)
        return (int)count;
    HD_ASSERT(bytes != NULL);
    int status = parse_bytes(yaml, bytes, (size_t)count);
    free(bytes);
    return status;
}

void sn_yaml_close(struct sn_yaml *yaml) {
    yaml_document_delete(&yaml->document);
}

yaml_node_t *sn_yaml_root(struct sn_yaml *yaml) {
    yaml_node_t *root = yaml_document_get_root_node(&yaml->document);
    HD_ASSERT(root != NULL);
    return root;
}

/* ---- structure ------------------------------------------------------------------------------- */

static const char *node_kind(const yaml_node_t *node) {
    switch (node->type) {
    case YAML_SCALAR_NODE:
        return "a single value";
    case YAML_SEQUENCE_NODE:
        return "a list";
    case YAML_MAPPING_NODE:
        return "a mapping";
    case YAML_NO_NODE:
        break;
    }
    return "nothing";
}

static uint32_t pairs_count(const yaml_node_t *mapping) {
    return (uint32_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);
}

void sn_yaml_pair(struct sn_yaml *yaml, yaml_node_t *mapping, uint32_t index, yaml_node_t **key,
                  yaml_node_t **value) {
    HD_ASSERT(mapping->type == YAML_MAPPING_NODE && index < pairs_count(mapping));
    const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start + index;
    *key = yaml_document_get_node(&yaml->document, pair->key);
    *value = yaml_document_get_node(&yaml->document, pair->value);
}

static bool scalar_is(const yaml_node_t *node, const char *text) {
    size_t length = strlen(text);
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == length &&
           memcmp(node->data.scalar.value, text, length) == 0;
}

/* Keys are single values and each comes once. */
static bool keys_distinct(struct sn_yaml *yaml, yaml_node_t *mapping) {
    uint32_t count = pairs_count(mapping);
    for (uint32_t index = 0; index < count; index++) {
        yaml_node_t *key, *other, *value;
        sn_yaml_pair(yaml, mapping, index, &key, &value);
        if (key->type != YAML_SCALAR_NODE)
            return sn_yaml_fail(yaml, key, "a field's name must be a single word");
        for (uint32_t before = 0; before < index; before++) {
            sn_yaml_pair(yaml, mapping, before, &other, &value);
            if (scalar_is(key, (const char *)other->data.scalar.value))
                return sn_yaml_fail(yaml, key, "'%.40s' comes a second time (first in line %zu)",
                                    key->data.scalar.value, other->start_mark.line + 1);
        }
    }
    return true;
}

bool sn_yaml_mapping(struct sn_yaml *yaml, yaml_node_t *node, const char *what, uint32_t low,
                     uint32_t high, uint32_t *count) {
    if (node->type != YAML_MAPPING_NODE)
        return sn_yaml_fail(yaml, node, "%s must be a mapping, not %s", what, node_kind(node));
    uint32_t pairs = pairs_count(node);
    if (pairs < low || pairs > high)
        return sn_yaml_fail(yaml, node, "%s must have %u to %u fields, not %u", what, low, high,
                            pairs);
    *count = pairs;
    return keys_distinct(yaml, node);
}

bool sn_yaml_fields(struct sn_yaml *yaml, yaml_node_t *node, const char *what,
                    struct sn_words known) {
    uint32_t count = 0;
    if (!sn_yaml_mapping(yaml, node, what, 0, 64, &count))
        return false;
    for (uint32_t index = 0; index < count; index++) {
        yaml_node_t *key, *value;
        sn_yaml_pair(yaml, node, index, &key, &value);
        uint32_t word = 0;
        while (word < known.count && !scalar_is(key, known.word[word]))
            word++;
        if (word == known.count) {
            char list[160], guess[HD_NEAREST_SIZE];
            const char *text = (const char *)key->data.scalar.value;
            sn_words_text(known, list, sizeof(list));
            hd_nearest_text(text, known.word, known.count, guess);
            return sn_yaml_fail(yaml, key, "%s has no field '%.40s' (known: %s)%s", what, text,
                                list, guess);
        }
    }
    return true;
}

yaml_node_t *sn_yaml_get(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key) {
    uint32_t count = pairs_count(mapping);
    for (uint32_t index = 0; index < count; index++) {
        yaml_node_t *name, *value;
        sn_yaml_pair(yaml, mapping, index, &name, &value);
        if (scalar_is(name, key))
            return value;
    }
    return NULL;
}

yaml_node_t *sn_yaml_require(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key) {
    yaml_node_t *value = sn_yaml_get(yaml, mapping, key);
    if (value == NULL)
        sn_yaml_fail(yaml, mapping, "the field '%s' is missing", key);
    return value;
}

bool sn_yaml_list(struct sn_yaml *yaml, yaml_node_t *node, const char *what, uint32_t low,
                  uint32_t high, uint32_t *count) {
    if (node->type != YAML_SEQUENCE_NODE)
        return sn_yaml_fail(yaml, node, "%s must be a list, not %s", what, node_kind(node));
    ptrdiff_t items = node->data.sequence.items.top - node->data.sequence.items.start;
    if (items < (ptrdiff_t)low || items > (ptrdiff_t)high)
        return sn_yaml_fail(yaml, node, "%s must have %u to %u entries, not %td", what, low, high,
                            items);
    *count = (uint32_t)items;
    return true;
}

yaml_node_t *sn_yaml_item(struct sn_yaml *yaml, yaml_node_t *list, uint32_t index) {
    HD_ASSERT(list->type == YAML_SEQUENCE_NODE);
    return yaml_document_get_node(&yaml->document, list->data.sequence.items.start[index]);
}
