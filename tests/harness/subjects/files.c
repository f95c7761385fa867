/* files.c - files of code under test: which numbers they get, and that each call does what it does to
 * them. An execution leaves all of them open: the next one finds the same numbers free.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

/* What the headers make of open where _FORTIFY_SOURCE asks for checks. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int directory, const char *path, int flags);
ssize_t __read_chk(int descriptor, void *buffer, size_t size, size_t room);

static int is_open(int descriptor) {
    return fcntl(descriptor, F_GETFD) != -1;
}

static int closes(int descriptor) {
    return (fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0;
}

/* Each gets the lowest free number from 100 up: `first` and those that follow, until the end. */
static void numbers_task(uint32_t index) {
    int two[2];
    (void)index;
    claim(!is_open(100) && open("/dev/null", O_RDONLY) == 100);
    claim(open64("/dev/null", O_RDONLY | O_CLOEXEC) == 101 && closes(101) && !closes(100));
    claim(openat(AT_FDCWD, "/dev/null", O_RDONLY) == 102);
    claim(openat64(AT_FDCWD, "/dev/null", O_RDONLY) == 103);
    claim(__open_2("/dev/null", O_RDONLY) == 104 && __open64_2("/dev/null", O_RDONLY) == 105);
    claim(__openat_2(AT_FDCWD, "/dev/null", O_RDONLY) == 106);
    claim(creat("/dev/null", 0600) == 107 && socket(AF_UNIX, SOCK_STREAM, 0) == 108);
    claim(eventfd(3, EFD_CLOEXEC) == 109 && closes(109) && epoll_create(1) == 110);
    claim(epoll_create1(EPOLL_CLOEXEC) == 111 && closes(111) && memfd_create("it", 0) == 112);
    claim(dup(100) == 113 && pipe(two) == 0 && two[0] == 114 && two[1] == 115);
    claim(pipe2(two, O_CLOEXEC) == 0 && two[0] == 116 && two[1] == 117 && closes(117));
    claim(socketpair(AF_UNIX, SOCK_STREAM, 0, two) == 0 && two[0] == 118 && two[1] == 119);
    claim(dup2(100, 300) == 300 && dup3(100, 301, O_CLOEXEC) == 301 && closes(301));
    claim(syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY, 0) == 120);
    claim(syscall(SYS_dup, 100) == 121 && syscall(SYS_memfd_create, "it", MFD_CLOEXEC) == 122);
    claim(closes(122) && syscall(SYS_pipe2, two, O_CLOEXEC) == 0);
    claim(two[0] == 123 && two[1] == 124 && closes(124));
    claim(close(110) == 0 && !is_open(110) && open("/dev/null", O_RDONLY) == 110);
    claim(syscall(SYS_close, 110) == 0 && !is_open(110));
}
SUBJECT(numbers, .tasks = 1, .task = numbers_task, .check = check);

/* One below 3 was free on purpose, and keeps its number. */
static void low_task(uint32_t index) {
    int kept = dup(0);
    (void)index;
    claim(kept == 100 && close(0) == 0 && open("/dev/null", O_RDONLY) == 0);
    claim(dup2(kept, 0) == 0 && is_open(0));
}
SUBJECT(low_numbers, .tasks = 1, .task = low_task, .check = check);

static ino_t file_behind(int descriptor) {
    struct stat status = {0};
    fstat(descriptor, &status);
    return status.st_ino;
}

/* The standard ones are there again, and what was put at a free number is not. */
static void standard_left_task(uint32_t index) {
    int file = memfd_create("it", 0);
    (void)index;
    claim(file == 100 && is_open(0) && is_open(1) && is_open(2) && !is_open(60));
    claim(file_behind(1) != file_behind(file) && file_behind(2) != file_behind(file));
    claim(close(0) == 0 && !is_open(0) && dup2(file, 1) == 1 && dup3(file, 2, O_CLOEXEC) == 2);
    claim(file_behind(1) == file_behind(file) && file_behind(2) == file_behind(file));
    claim(dup2(file, 60) == 60 && dup2(1, 60) == 60 && close(2) == 0 && dup(file) == 0);
}
SUBJECT(standard_left, .tasks = 1, .task = standard_left_task, .check = check);

static void errors_task(uint32_t index) {
    int two[2] = {7, 8};
    (void)index;
    claim(open("/dev/none", O_RDONLY) == -1 && errno == ENOENT);
    claim(openat(AT_FDCWD, "/dev/none", O_RDONLY) == -1 && errno == ENOENT);
    claim(creat("/dev/none/none", 0600) == -1 && socket(-1, 0, 0) == -1 && epoll_create(0) == -1);
    claim(eventfd(0, -1) == -1 && epoll_create1(-1) == -1 && memfd_create("it", ~0u) == -1);
    claim(dup(-1) == -1 && dup(5000) == -1 && dup2(-1, 200) == -1 && dup3(0, 0, 0) == -1);
    claim(pipe2(two, -1) == -1 && two[0] == 7 && two[1] == 8 && socketpair(-1, 0, 0, two) == -1);
    claim(close(-1) == -1 && errno == EBADF && close(300) == -1);
    claim(read(-1, two, 1) == -1 && read(300, two, 1) == -1 && readv(300, NULL, 0) == -1);
    claim(pread(300, two, 1, 0) == -1 && syscall(SYS_close, 300) == -1 && errno == EBADF);
    claim(!is_open(100) && !is_open(200) && fopen("/dev/none", "r") == NULL);
}
SUBJECT(errors, .tasks = 1, .task = errors_task, .check = check);

/* The mode is that which the caller gives, when a file is made. */
static int mode_of(int file) {
    struct stat status = {0};
    claim(fstat(file, &status) == 0);
    return (int)status.st_mode & 0777;
}

static void modes_task(uint32_t index) {
    mode_t before = umask(0);
    (void)index;
    claim(open("/tmp", O_TMPFILE | O_RDWR, 0641) == 100 && mode_of(100) == 0641);
    claim(open64("/tmp", O_TMPFILE | O_RDWR, 0642) == 101 && mode_of(101) == 0642);
    claim(openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, 0644) == 102 && mode_of(102) == 0644);
    claim(openat64(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, 0601) == 103 && mode_of(103) == 0601);
    int file = (int)syscall(SYS_openat, AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR, 0602);
    claim(file == 104 && mode_of(file) == 0602);
    umask(before);
}
SUBJECT(modes, .tasks = 1, .task = modes_task, .check = check);

/* What is written is read again, by each way to read. */
static void contents_task(uint32_t index) {
    char text[16] = "";
    int two[2], file = memfd_create("it", 0);
    struct iovec part[2] = {{.iov_base = text + 4, .iov_len = 2}, {.iov_base = text, .iov_len = 3}};
    (void)index;
    claim(write(file, "heddle", 6) == 6 && lseek(file, 1, SEEK_SET) == 1);
    claim(read(file, text, 3) == 3 && strcmp(text, "edd") == 0 && lseek(file, 0, SEEK_CUR) == 4);
    claim(pread(file, text, 2, 4) == 2 && strcmp(text, "led") == 0);
    claim(lseek(file, 0, SEEK_SET) == 0 && readv(file, part, 2) == 5 && text[4] == 'h');
    claim(text[0] == 'd' && text[2] == 'l' && __read_chk(file, text, 9, 16) == 1 && text[0] == 'e');
    claim(syscall(SYS_lseek, file, 0, SEEK_SET) == 0 && syscall(SYS_read, file, text, 2) == 2);
    claim(text[0] == 'h' && syscall(SYS_readv, file, part, 1) == 2 && text[4] == 'd');
    claim(pipe(two) == 0 && write(two[1], "x", 1) == 1 && read(two[0], text, 9) == 1);
    claim(socketpair(AF_UNIX, SOCK_STREAM, 0, two) == 0 && write(two[0], "y", 1) == 1);
    claim(read(two[1], text, 9) == 1 && text[0] == 'y');
    uint64_t count = 0;
    file = eventfd(5, 0);
    claim(read(file, &count, sizeof count) == sizeof count && count == 5);
}
SUBJECT(contents, .tasks = 1, .task = contents_task, .check = check);

static void chance_task(uint32_t index) {
    unsigned char bytes[17] = {0};
    int file = open("/dev/urandom", O_RDONLY);
    (void)index;
    claim(__read_chk(file, bytes, 16, 16) == 16 && memcmp(bytes, bytes + 8, 8) != 0);
    claim(bytes[16] == 0);
}
SUBJECT(checked_read_of_chance, .tasks = 1, .task = chance_task, .check = check);

/* A stream's file is the stream's, and closed with it. */
static void streams_task(uint32_t index) {
    char text[8] = "";
    FILE *stream = fopen("/dev/null", "r");
    (void)index;
    claim(stream != NULL && fileno(stream) >= 3 && fgetc(stream) == EOF);
    int number = fileno(stream);
    claim(fclose(stream) == 0 && !is_open(number));
    int file = memfd_create("it", 0);
    claim(file == 100 && write(file, "abc", 3) == 3 && lseek(file, 0, SEEK_SET) == 0);
    stream = fdopen(file, "r+");
    claim(stream != NULL && fileno(stream) == 100 && fgets(text, 8, stream) == text);
    claim(strcmp(text, "abc") == 0 && fclose(stream) == 0 && !is_open(100));
    claim(memfd_create("it", 0) == 100);
    claim(fdopen(100, "r") != NULL); /* left open, and what fopen makes, too */
    claim(fopen("/dev/null", "r") != NULL && fopen64("/dev/null", "r") != NULL);
}
SUBJECT(streams, .tasks = 1, .task = streams_task, .check = check);

/* A thousand executions leave theirs open, a few more than a process may have. */
static void many_task(uint32_t index) {
    (void)index;
    for (int i = 0; i < 20; i++)
        claim(open("/dev/null", O_RDONLY) == 100 + i && fopen("/dev/null", "r") != NULL);
}
SUBJECT(many, .tasks = 1, .task = many_task, .check = check);
