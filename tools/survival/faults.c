/* Loaded with LD_PRELOAD: makes writes below one folder fail while a trigger file exists.
 *
 * FAULTS_PATH     the folder (absolute)
 * FAULTS_TRIGGER  a file whose text is "ERROR CALLS [once]", for example "ENOSPC pwrite,write" or "EIO fdatasync once":
 *                        the error is ENOSPC or EIO; the calls are write, pwrite, writev, pwritev, ftruncate, fallocate,
 *                        fdatasync, fsync; with `once` the file is removed at the first failure
 * FAULTS_LOG      gets a line "fail CALL FILE" for each failure and "open FILE" for each opening below the folder
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((typeof(&name))real(#name))

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

/* By system calls of its own, so that it never meets itself. */
static void note(const char *what, const char *call, const char *path) {
    const char *log = getenv("FAULTS_LOG");
    if (!log) return;
    int file = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return;
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%s %s %s\n", what, call, path);
    if (REAL(write)(file, line, (size_t)length) < 0) abort();
    close(file);
}

static int is_below(const char *path) {
    const char *folder = getenv("FAULTS_PATH");
    size_t length = folder ? strlen(folder) : 0;
    return length && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int lists(const char *calls, const char *call) {
    size_t length = strlen(call);
    for (const char *at = calls; (at = strstr(at, call)); at += length) {
        char before = at == calls ? ',' : at[-1], after = at[length];
        if (before == ',' && (after == ',' || after == 0)) return 1;
    }
    return 0;
}

/* Whether this call on this descriptor is to fail now; sets errno. */
static int fails(int descriptor, const char *call) {
    const char *trigger = getenv("FAULTS_TRIGGER");
    if (!trigger || access(trigger, F_OK) != 0) { return 0; }
    int kept = errno;
    char link[64], path[PATH_MAX], text[256] = {0}, error[16] = {0}, calls[128] = {0}, once[8] = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) { errno = kept; return 0; }
    path[length] = 0;
    if (!is_below(path)) { errno = kept; return 0; }
    int file = REAL(open)(trigger, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? 0 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    if (got <= 0 || sscanf(text, "%15s %127s %7s", error, calls, once) < 2 || !lists(calls, call)) { errno = kept; return 0; }
    if (strcmp(once, "once") == 0 && unlink(trigger) != 0) { errno = kept; return 0; }
    note("fail", call, path);
    errno = strcmp(error, "ENOSPC") == 0 ? ENOSPC : EIO;
    return 1;
}

#define FAULTY(type, name, call, parameters, arguments)      \
    type name parameters {                                   \
        if (fails(descriptor, call)) return -1;              \
        return REAL(name) arguments;                         \
    }

FAULTY(ssize_t, write, "write", (int descriptor, const void *data, size_t size), (descriptor, data, size))
FAULTY(ssize_t, pwrite, "pwrite", (int descriptor, const void *data, size_t size, off_t at), (descriptor, data, size, at))
FAULTY(ssize_t, pwrite64, "pwrite", (int descriptor, const void *data, size_t size, off64_t at), (descriptor, data, size, at))
FAULTY(ssize_t, writev, "writev", (int descriptor, const struct iovec *parts, int count), (descriptor, parts, count))
FAULTY(ssize_t, pwritev, "pwritev", (int descriptor, const struct iovec *parts, int count, off_t at), (descriptor, parts, count, at))
FAULTY(ssize_t, pwritev64, "pwritev", (int descriptor, const struct iovec *parts, int count, off64_t at), (descriptor, parts, count, at))
FAULTY(int, ftruncate, "ftruncate", (int descriptor, off_t size), (descriptor, size))
FAULTY(int, ftruncate64, "ftruncate", (int descriptor, off64_t size), (descriptor, size))
FAULTY(int, fallocate, "fallocate", (int descriptor, int mode, off_t at, off_t size), (descriptor, mode, at, size))
FAULTY(int, fdatasync, "fdatasync", (int descriptor), (descriptor))
FAULTY(int, fsync, "fsync", (int descriptor), (descriptor))

/* posix_fallocate returns its error. */
int posix_fallocate(int descriptor, off_t at, off_t size) {
    if (fails(descriptor, "fallocate")) return errno;
    return REAL(posix_fallocate)(descriptor, at, size);
}

#define OPENING(name)                                                             \
    int name(const char *path, int flags, ...) {                                  \
        va_list more;                                                             \
        va_start(more, flags);                                                    \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;   \
        va_end(more);                                                             \
        if (is_below(path)) note("open", "-", path);                              \
        return REAL(name)(path, flags, mode);                                     \
    }

OPENING(open)
OPENING(open64)
