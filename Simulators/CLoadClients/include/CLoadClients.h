// The two ends of a broker in a measurement, in C and as cheap as they can be made, so that what is measured is the broker
// and who is compared: a publisher that sends packets which were rendered beforehand, and a subscriber that does nothing
// but count.
#ifndef FLEETSTREAM_CLOADCLIENTS_H
#define FLEETSTREAM_CLOADCLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Nanoseconds of CLOCK_MONOTONIC, the same in all processes.
int64_t load_now_ns(void);

// A 64-bit hash of a message. The sum over messages, modulo 2^64, is the checksum of a set of them in any order.
uint64_t load_message_hash(const void *topic, size_t topic_length, const void *payload, size_t payload_length);

// --- Publisher ---------------------------------------------------------------------------------------------------------

// What a publisher is to send: PUBLISH packets of MQTT 3.1.1 one behind the other, the n-th from `offsets[n]` to
// `offsets[n + 1]`. At QoS 1 the n-th (from 0) carries the packet id n % 65535 + 1. The memory stays the caller's.
struct load_publisher {
    int port;
    int qos;
    const uint8_t *packets;
    const uint64_t *offsets;
    size_t count;
    // QoS 1: how many may be without acknowledgement, less than 65535.
    size_t window;
    // Messages a second; 0 is as fast as the broker takes them. With a rate the load is open: message n is due in the tick
    // floor(n / rate / tick), whether or not the broker has taken those before it.
    double rate;
    int64_t tick_ns;
    // Gives up when nothing moves for so long.
    int idle_ms;
};

struct load_publisher_result {
    // Monotonic time at which the first message was sent, or due.
    int64_t start_ns;
    // When the last one was handed to the kernel (QoS 0) or acknowledged (QoS 1).
    int64_t end_ns;
    size_t sent;
    size_t acknowledged;
    // The greatest time by which a message left later than it was due.
    int64_t latest_ns;
};

// When message `index` is due after the start, in nanoseconds.
int64_t load_due_ns(double rate, int64_t tick_ns, size_t index);

// Connects to 127.0.0.1, sends everything and says goodbye. Blocks the calling thread. Returns 0, or an errno value.
int load_publish(const struct load_publisher *publisher, struct load_publisher_result *result);

// --- Subscriber --------------------------------------------------------------------------------------------------------

// How a subscriber acknowledges.
enum load_style {
    // As a program does that calls `mosquitto_loop` again and again: each message at once, with a write of its own.
    LOAD_PLAIN = 0,
    // As Fleetstream's receiver does: reads what is there, then writes all acknowledgements in one TCP segment.
    LOAD_BATCHED = 1,
};

struct load_subscriber {
    int port;
    const char *client_id;
    const char *filter;
    int qos;
    enum load_style style;
    // Ends after so many messages.
    uint64_t expected;
    // Ends when nothing has come for so long.
    int idle_ms;
    // Bytes before a number in topic or payload: messages that have them are noted with that number and their time of
    // arrival. NULL: none.
    const char *mark;
    // Ends after so many of those. SIZE_MAX: does not.
    size_t expected_marks;
    // Called once, when the broker has accepted the subscription.
    void (*on_subscribed)(void *);
    void *context;
};

struct load_arrival {
    uint32_t number;
    uint32_t unused;
    int64_t time_ns;
};

struct load_subscriber_result {
    uint64_t count;
    uint64_t checksum;
    int64_t first_ns;
    int64_t last_ns;
    // In order of arrival; freed by the caller.
    struct load_arrival *arrivals;
    size_t arrival_count;
};

// Subscribes with MQTT 5, a session that is kept, receive maximum 65,535 and TCP_NODELAY, and counts. Blocks the calling
// thread. Returns 0, or a libmosquitto error.
int load_subscribe(const struct load_subscriber *subscriber, struct load_subscriber_result *result);

#endif
