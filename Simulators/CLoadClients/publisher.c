#define _GNU_SOURCE
#include "CLoadClients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t load_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// Eight bytes a step, each multiplied and folded.
static uint64_t absorb(uint64_t state, const uint8_t *bytes, size_t length) {
    const uint64_t factor = 0x9E3779B97F4A7C15u;
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        state = (state ^ word) * factor;
        state ^= state >> 29;
    }
    uint64_t tail = length;
    for (size_t i = 0; i < length; i++) tail = tail << 8 | bytes[i];
    state = (state ^ tail) * factor;
    return state ^ state >> 32;
}

uint64_t load_message_hash(const void *topic, size_t topic_length, const void *payload, size_t payload_length) {
    return absorb(absorb(topic_length * 0xBF58476D1CE4E5B9u + payload_length, topic, topic_length), payload, payload_length);
}

int64_t load_due_ns(double rate, int64_t tick_ns, size_t index) {
    if (rate <= 0) return 0;
    int64_t due = (int64_t)((double)index * 1e9 / rate);
    return due - due % tick_ns;
}

// Connects and exchanges CONNECT and CONNACK. Returns the descriptor, or -errno.
static int open_connection(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct timeval limit = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    // MQTT 3.1.1, clean session, no keep-alive, client id "load".
    static const uint8_t hello[] = {0x10, 16, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 4, 'l', 'o', 'a', 'd'};
    uint8_t answer[4];
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 || send(fd, hello, sizeof hello, MSG_NOSIGNAL) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    ssize_t got = recv(fd, answer, sizeof answer, MSG_WAITALL);
    if (got != 4 || answer[0] != 0x20 || answer[3] != 0) {
        close(fd);
        return -ECONNREFUSED;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

struct progress {
    // Whole packets that the kernel has, bytes that it has of all, acknowledgements.
    size_t sent;
    uint64_t sent_bytes;
    uint64_t acknowledged_bytes;
    int64_t moved_ns;
};

// Reads acknowledgements: nothing else comes, four bytes each. Returns 0 or an errno value.
static int read_acknowledgements(int fd, struct progress *progress, int64_t now) {
    uint8_t buffer[65536];
    while (true) {
        ssize_t got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (got == 0) return ECONNRESET;
        if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : errno;
        progress->acknowledged_bytes += (uint64_t)got;
        progress->moved_ns = now;
        if ((size_t)got < sizeof buffer) return 0;
    }
}

// Sends what may go now: packets up to, not including, `end`. Returns 0 or an errno value.
static int send_packets(int fd, const struct load_publisher *p, struct progress *progress, size_t end, int64_t now) {
    while (progress->sent < end) {
        uint64_t stop = p->offsets[end];
        uint64_t length = stop - progress->sent_bytes;
        if (length > 1 << 18) length = 1 << 18;
        ssize_t put = send(fd, p->packets + progress->sent_bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0) return errno == EAGAIN || errno == EINTR ? 0 : errno;
        progress->sent_bytes += (uint64_t)put;
        progress->moved_ns = now;
        while (progress->sent < end && p->offsets[progress->sent + 1] <= progress->sent_bytes) progress->sent++;
    }
    return 0;
}

// The first message that is not due yet.
static size_t first_not_due(const struct load_publisher *p, size_t from, int64_t elapsed_ns) {
    if (p->rate <= 0) return p->count;
    size_t n = from;
    while (n < p->count && load_due_ns(p->rate, p->tick_ns, n) <= elapsed_ns) n++;
    return n;
}

int load_publish(const struct load_publisher *p, struct load_publisher_result *result) {
    memset(result, 0, sizeof *result);
    int fd = open_connection(p->port);
    if (fd < 0) return -fd;
    struct progress progress = {0};
    int error = 0;
    size_t due = 0;
    result->start_ns = progress.moved_ns = load_now_ns();
    while (error == 0) {
        int64_t now = load_now_ns();
        size_t acknowledged = (size_t)(progress.acknowledged_bytes / 4);
        if (progress.sent == p->count && (p->qos == 0 || acknowledged >= p->count)) break;
        if (now - progress.moved_ns > (int64_t)p->idle_ms * 1000000) error = ETIMEDOUT;
        due = first_not_due(p, due, now - result->start_ns);
        size_t end = due;
        if (p->qos > 0 && end > acknowledged + p->window) end = acknowledged + p->window;
        size_t before = progress.sent;
        if (error == 0) error = send_packets(fd, p, &progress, end, now);
        if (p->rate > 0 && progress.sent > before) {
            int64_t late = load_now_ns() - result->start_ns - load_due_ns(p->rate, p->tick_ns, before);
            if (late > result->latest_ns) result->latest_ns = late;
        }
        if (error == 0) error = read_acknowledgements(fd, &progress, now);
        // What can happen next: the socket takes more, an acknowledgement comes, a message is due.
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        if (progress.sent < end) entry.events |= POLLOUT;
        struct timespec wait = {.tv_sec = 0, .tv_nsec = 100000000};
        if (due < p->count) {
            int64_t left = result->start_ns + load_due_ns(p->rate, p->tick_ns, due) - load_now_ns();
            if (left < 0) left = 0;
            if (left < wait.tv_nsec) wait.tv_nsec = left;
            // Between ticks acknowledgements can wait.
            if (progress.sent == end && end == due) entry.events = 0;
        }
        ppoll(&entry, 1, &wait, NULL);
    }
    result->end_ns = load_now_ns();
    result->sent = progress.sent;
    result->acknowledged = (size_t)(progress.acknowledged_bytes / 4);
    static const uint8_t goodbye[] = {0xE0, 0};
    if (error == 0) send(fd, goodbye, sizeof goodbye, MSG_NOSIGNAL);
    // The broker closes when it has read everything.
    shutdown(fd, SHUT_WR);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    uint8_t rest[4096];
    while (error == 0 && poll(&entry, 1, 2000) > 0 && recv(fd, rest, sizeof rest, 0) > 0) {}
    close(fd);
    return error;
}
