#include <errno.h>
#include <lmdb.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>

// prctl is variadic, which Swift cannot call.
static inline void attune_name_this_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
