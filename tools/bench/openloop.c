/* An open-loop HTTP load: requests are due at times drawn beforehand (Poisson arrivals at a given rate), whether or not
 * earlier ones have been answered, and latency is measured from the time a request was due. A server that stalls is so
 * charged for every request that it kept waiting (no coordinated omission).
 *
 * Usage: openloop PORT RATE SECONDS CONNECTIONS JOB KEY USERS      JOB: hello | profile | dashboard | usage
 * Prints one JSON object; latencies are in milliseconds. The first tenth of the time is not counted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 16, REQUEST = 1024, GRACE_SECONDS = 10 };

struct connection {
    int socket;
    int busy;
    int64_t due;
    size_t filled;
    char buffer[BUFFER];
};

static struct connection *connections;
static int *idle, idle_count;
static double *latencies;
static long counted, answered, refused, failed;
static int64_t count_from;
static const char *job, *key;
static long users;
static int port;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void stop(const char *what) {
    fprintf(stderr, "openloop: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int connect_socket(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (made < 0 || connect(made, (struct sockaddr *)&address, sizeof address) != 0) stop("connect");
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(made, F_SETFL, O_NONBLOCK);
    return made;
}

static void watch(int epoll, int index) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, connections[index].socket, &event) != 0) stop("epoll_ctl");
}

/* Requests are far smaller than a socket's buffer, and a connection carries one at a time: they go out whole. */
static void send_request(struct connection *to, int64_t due) {
    char text[REQUEST];
    long user = random() % users;
    int length;
    if (strcmp(job, "usage") == 0) {
        const char *body = "{\"feature\":\"marketing-plan\"}";
        length = snprintf(text, sizeof text,
            "POST /api/personalization/users/u%ld/feature-usage HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", user, key, strlen(body), body);
    } else if (strcmp(job, "hello") == 0) {
        length = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    } else {
        length = snprintf(text, sizeof text,
            "GET /api/personalization/users/u%ld%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n",
            user, strcmp(job, "dashboard") == 0 ? "/dashboard" : "", key);
    }
    to->busy = 1;
    to->due = due;
    to->filled = 0;
    if (send(to->socket, text, (size_t)length, MSG_NOSIGNAL) != length) failed++;
}

/* The length of a whole answer in the buffer, or 0 if more is to come. */
static size_t whole_answer(struct connection *from) {
    from->buffer[from->filled] = 0;
    char *end = strstr(from->buffer, "\r\n\r\n");
    if (!end) return 0;
    char *header = strcasestr(from->buffer, "\r\ncontent-length:");
    size_t body = header && header < end ? strtoul(header + 17, NULL, 10) : 0;
    size_t total = (size_t)(end + 4 - from->buffer) + body;
    if (total >= BUFFER) { errno = EMSGSIZE; stop("an answer is larger than the buffer"); }
    return from->filled >= total ? total : 0;
}

static void finish(struct connection *from) {
    int64_t latency = now() - from->due;
    answered++;
    if (from->buffer[9] != '2') refused++;
    if (from->due >= count_from) latencies[counted++] = (double)latency / 1e6;
    from->busy = 0;
    idle[idle_count++] = (int)(from - connections);
}

static void receive(int epoll, int index) {
    struct connection *from = &connections[index];
    ssize_t got = recv(from->socket, from->buffer + from->filled, BUFFER - 1 - from->filled, 0);
    if (got > 0) {
        from->filled += (size_t)got;
        if (from->busy && whole_answer(from)) finish(from);
        return;
    }
    if (got < 0 && errno == EAGAIN) return;
    close(from->socket);
    if (from->busy) { failed++; from->busy = 0; idle[idle_count++] = index; }
    from->socket = connect_socket();
    watch(epoll, index);
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static double percentile(double share) {
    return counted ? latencies[(long)fmin((double)counted - 1, floor(share * (double)counted))] : NAN;
}

/* The times at which requests are due, ascending. */
static int64_t *schedule(double rate, double seconds, long *total) {
    int64_t *due = malloc(sizeof *due * (size_t)(rate * seconds * 1.5 + 1000));
    double at = 0.05;
    long made = 0;
    if (!due) stop("malloc");
    for (; at < seconds && made < (long)(rate * seconds * 1.5); made++) {
        due[made] = (int64_t)(at * 1e9);
        at += -log((random() + 1.0) / (RAND_MAX + 2.0)) / rate;
    }
    *total = made;
    return due;
}

int main(int count, char **arguments) {
    if (count != 8) {
        fprintf(stderr, "Usage: openloop PORT RATE SECONDS CONNECTIONS hello|profile|dashboard|usage KEY USERS\n");
        return 64;
    }
    port = atoi(arguments[1]);
    double rate = atof(arguments[2]), seconds = atof(arguments[3]);
    int connection_count = atoi(arguments[4]);
    job = arguments[5], key = arguments[6], users = atol(arguments[7]);
    srandom(1);

    long total, next = 0;
    int64_t *due = schedule(rate, seconds, &total);
    latencies = malloc(sizeof *latencies * (size_t)(total + 1));
    connections = calloc((size_t)connection_count, sizeof *connections);
    idle = malloc(sizeof *idle * (size_t)connection_count);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!latencies || !connections || !idle || epoll < 0) stop("start");
    for (int index = 0; index < connection_count; index++) {
        connections[index].socket = connect_socket();
        watch(epoll, index);
        idle[idle_count++] = index;
    }

    int64_t start = now(), deadline = start + (int64_t)((seconds + GRACE_SECONDS) * 1e9);
    count_from = start + (int64_t)(seconds * 1e8);
    struct epoll_event events[256];
    while ((next < total || idle_count < connection_count) && now() < deadline) {
        int64_t time = now();
        while (next < total && idle_count && start + due[next] <= time) {
            send_request(&connections[idle[--idle_count]], start + due[next]);
            next++;
        }
        int64_t wait = next < total && idle_count ? start + due[next] - now() : 100000000;
        if (wait < 0) wait = 0;
        struct timespec pause = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
        int ready = epoll_pwait2(epoll, events, 256, &pause, NULL);
        for (int at = 0; at < ready; at++) receive(epoll, (int)events[at].data.u32);
    }
    double took = (double)(now() - start) / 1e9;
    qsort(latencies, (size_t)counted, sizeof *latencies, ascending);
    printf("{\"rate\":%.0f,\"due\":%ld,\"answered\":%ld,\"refused\":%ld,\"failed\":%ld,\"answeredPerSecond\":%.0f,"
           "\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}\n",
           rate, total, answered, refused, failed + (total - next), (double)answered / took,
           percentile(0.5), percentile(0.99), percentile(0.999), percentile(1));
    return 0;
}
