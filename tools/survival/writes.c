/* Loaded with LD_PRELOAD: records what a process does to the files and names below one folder, in its order.
 *
 * WRITES_PATH  the folder (absolute)
 * WRITES_LOG   the record: a header (struct record, little-endian) and `length` bytes for each call that succeeded
 *
 *   W  bytes written at `offset`; `flags` 1: durable when the call returned (O_DSYNC)
 *   S  `offset` is a file's new size          F  a file or folder was synced
 *   N  a file was made    D  a folder was made    L  a file got another name (the bytes are the path)
 *   U  a name was removed    R  a name was changed (the bytes are both paths, with a zero byte between)
 *
 * One lock holds every call and its line of the record together, so the record's order is the order of the calls.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((typeof(&name))real(#name))

struct record { uint8_t type, flags; uint16_t zero; uint32_t length; uint64_t inode; int64_t offset; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

static void note(char type, int flags, uint64_t inode, int64_t offset, const void *bytes, size_t length) {
    static int file = -1;
    int saved = errno;
    if (file < 0) file = REAL(open)(getenv("WRITES_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct record head = {(uint8_t)type, (uint8_t)flags, 0, (uint32_t)length, inode, offset};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)bytes, length}};
    if (REAL(writev)(file, parts, 2) != (ssize_t)(sizeof head + length)) abort();
    errno = saved;
}

static int is_below(const char *path) {
    const char *folder = getenv("WRITES_PATH");
    size_t length = folder ? strlen(folder) : 0;
    return length && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

/* Whether a descriptor is of a file or folder there. */
static int follows(int descriptor, struct stat *status) {
    char link[64], path[PATH_MAX];
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0) path[length] = 0;
    int found = length > 0 && is_below(path) && fstat(descriptor, status) == 0;
    errno = saved;
    return found;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
    struct stat before, after;
    pthread_mutex_lock(&lock);
    int follows = (flags & (O_CREAT | O_TRUNC)) && is_below(path), known = follows && stat(path, &before) == 0;
    int file = REAL(openat)(folder, path, flags, mode);
    if (file >= 0 && follows && fstat(file, &after) == 0) {
        if (!known) note('N', 0, after.st_ino, 0, path, strlen(path));
        else if (before.st_size != after.st_size) note('S', 0, after.st_ino, after.st_size, "", 0);
    }
    pthread_mutex_unlock(&lock);
    return file;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }

static void wrote(int file, const void *bytes, ssize_t count, off_t offset) {
    struct stat status;
    if (count <= 0 || !follows(file, &status)) return;
    if (offset < 0) offset = lseek(file, 0, SEEK_CUR) - count;
    note('W', (fcntl(file, F_GETFL) & O_DSYNC) != 0, status.st_ino, offset, bytes, (size_t)count);
}

#define LOCKED(type, call) pthread_mutex_lock(&lock); type result = call
#define DONE pthread_mutex_unlock(&lock); return result

ssize_t write(int file, const void *bytes, size_t count) {
    LOCKED(ssize_t, REAL(write)(file, bytes, count));
    wrote(file, bytes, result, -1);
    DONE;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    LOCKED(ssize_t, REAL(pwrite)(file, bytes, count, offset));
    wrote(file, bytes, result, offset);
    DONE;
}
ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));

/* A short write ends within a part. */
static void wrote_parts(int file, const struct iovec *parts, int count, ssize_t written, off_t offset) {
    for (int i = 0; i < count && written > 0; i++) {
        ssize_t part = written < (ssize_t)parts[i].iov_len ? written : (ssize_t)parts[i].iov_len;
        wrote(file, parts[i].iov_base, part, offset);
        written -= part;
        offset += part;
    }
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    struct stat status;
    LOCKED(ssize_t, REAL(writev)(file, parts, count));
    if (result > 0 && follows(file, &status)) wrote_parts(file, parts, count, result, lseek(file, 0, SEEK_CUR) - result);
    DONE;
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    LOCKED(ssize_t, REAL(pwritev)(file, parts, count, offset));
    if (result > 0) wrote_parts(file, parts, count, result, offset);
    DONE;
}
ssize_t pwritev64(int, const struct iovec *, int, off_t) __attribute__((alias("pwritev")));

static void resized(int file) {
    struct stat status;
    if (follows(file, &status)) note('S', 0, status.st_ino, status.st_size, "", 0);
}

int ftruncate(int file, off_t size) { LOCKED(int, REAL(ftruncate)(file, size)); if (!result) resized(file); DONE; }
int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));
int posix_fallocate(int file, off_t offset, off_t count) {
    LOCKED(int, REAL(posix_fallocate)(file, offset, count));
    if (!result) resized(file);
    DONE;
}
int posix_fallocate64(int, off_t, off_t) __attribute__((alias("posix_fallocate")));

int truncate(const char *path, off_t size) {
    struct stat status;
    LOCKED(int, REAL(truncate)(path, size));
    if (!result && is_below(path) && stat(path, &status) == 0) note('S', 0, status.st_ino, status.st_size, "", 0);
    DONE;
}
int truncate64(const char *, off_t) __attribute__((alias("truncate")));

static void synced(int file) {
    struct stat status;
    if (follows(file, &status)) note('F', S_ISDIR(status.st_mode), status.st_ino, 0, "", 0);
}

int fsync(int file) { LOCKED(int, REAL(fsync)(file)); if (!result) synced(file); DONE; }
int fdatasync(int file) { LOCKED(int, REAL(fdatasync)(file)); if (!result) synced(file); DONE; }

static void named(char type, const char *path) {
    struct stat status;
    if (is_below(path) && lstat(path, &status) == 0) note(type, 0, status.st_ino, 0, path, strlen(path));
}

static void removed(const char *path) { if (is_below(path)) note('U', 0, 0, 0, path, strlen(path)); }

int mkdir(const char *path, mode_t mode) { LOCKED(int, REAL(mkdir)(path, mode)); if (!result) named('D', path); DONE; }
int link(const char *old, const char *new) { LOCKED(int, REAL(link)(old, new)); if (!result) named('L', new); DONE; }
int unlink(const char *path) { LOCKED(int, REAL(unlink)(path)); if (!result) removed(path); DONE; }
int rmdir(const char *path) { LOCKED(int, REAL(rmdir)(path)); if (!result) removed(path); DONE; }
int remove(const char *path) { LOCKED(int, REAL(remove)(path)); if (!result) removed(path); DONE; }

int unlinkat(int folder, const char *path, int flags) {
    char link[64], whole[PATH_MAX];
    LOCKED(int, REAL(unlinkat)(folder, path, flags));
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = path[0] == '/' ? 0 : readlink(link, whole, sizeof whole - strlen(path) - 2);
    if (length >= 0) {
        snprintf(whole + length, sizeof whole - (size_t)length, "%s%s", length ? "/" : "", path);
        if (!result) removed(whole);
    }
    DONE;
}

int rename(const char *old, const char *new) {
    LOCKED(int, REAL(rename)(old, new));
    if (!result && is_below(old) && is_below(new)) {
        char both[2 * PATH_MAX];
        size_t first = strlen(old) + 1, length = first + strlen(new);
        memcpy(both, old, first);
        memcpy(both + first, new, length - first);
        note('R', 0, 0, 0, both, length);
    }
    DONE;
}
