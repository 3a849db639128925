#define _GNU_SOURCE
#include "CLoadClients.h"

#include <CMosquitto.h>
#include <poll.h>
#include <string.h>

// What the callbacks share with the loop; all on the calling thread.
struct state {
    const struct load_subscriber *options;
    struct load_subscriber_result *result;
    size_t mark_length;
    size_t capacity;
    uint64_t callbacks;
    bool is_connected;
    bool is_subscribed;
    int refusal;
};

static void on_connect(struct mosquitto *m, void *context, int reason, int flags, const mosquitto_property *properties) {
    (void)m; (void)flags; (void)properties;
    struct state *state = context;
    state->callbacks++;
    state->is_connected = reason == 0;
    if (reason != 0) state->refusal = MOSQ_ERR_CONN_REFUSED;
}

static void on_subscribe(
    struct mosquitto *m, void *context, int mid, int count, const int *granted, const mosquitto_property *properties) {
    (void)m; (void)mid; (void)properties;
    struct state *state = context;
    state->callbacks++;
    state->is_subscribed = true;
    if (count < 1 || granted[0] > 2) state->refusal = MOSQ_ERR_ACL_DENIED;
    if (state->options->on_subscribed) state->options->on_subscribed(state->options->context);
}

static bool number_after_mark(const struct state *state, const void *text, size_t length, uint32_t *number) {
    const uint8_t *found = memmem(text, length, state->options->mark, state->mark_length);
    if (!found) return false;
    const uint8_t *digit = found + state->mark_length;
    const uint8_t *end = (const uint8_t *)text + length;
    if (digit == end || *digit < '0' || *digit > '9') return false;
    for (*number = 0; digit < end && *digit >= '0' && *digit <= '9'; digit++) *number = *number * 10 + (uint32_t)(*digit - '0');
    return true;
}

static void note_arrival(struct state *state, uint32_t number, int64_t now) {
    struct load_subscriber_result *result = state->result;
    if (result->arrival_count == state->capacity) {
        state->capacity = state->capacity ? 2 * state->capacity : 4096;
        struct load_arrival *larger = realloc(result->arrivals, state->capacity * sizeof *larger);
        if (!larger) abort();
        result->arrivals = larger;
    }
    result->arrivals[result->arrival_count++] = (struct load_arrival){.number = number, .time_ns = now};
}

static void on_message(
    struct mosquitto *m, void *context, const struct mosquitto_message *message, const mosquitto_property *properties) {
    (void)m; (void)properties;
    struct state *state = context;
    struct load_subscriber_result *result = state->result;
    state->callbacks++;
    int64_t now = load_now_ns();
    if (result->count == 0) result->first_ns = now;
    result->last_ns = now;
    result->count++;
    size_t topic_length = strlen(message->topic);
    size_t length = (size_t)message->payloadlen;
    result->checksum += load_message_hash(message->topic, topic_length, message->payload, length);
    uint32_t number;
    if (state->mark_length > 0
        && (number_after_mark(state, message->topic, topic_length, &number)
            || number_after_mark(state, message->payload, length, &number)))
        note_arrival(state, number, now);
}

// One turn: waits for the socket, reads, acknowledges. Returns a libmosquitto error.
static int turn(struct mosquitto *m, struct state *state, int timeout_ms) {
    if (state->options->style == LOAD_PLAIN) return mosquitto_loop(m, timeout_ms, 1);
    bool would_block = false;
    int error_number = 0;
    for (int packets = 0; packets < 4096; packets++) {
        uint64_t before = state->callbacks;
        int rc = fs_loop_read(m, &would_block, &error_number);
        if (rc != MOSQ_ERR_SUCCESS) return rc;
        if (would_block && state->callbacks == before) break;
    }
    if (mosquitto_want_write(m)) {
        int rc = fs_loop_write_corked(m, &error_number);
        if (rc != MOSQ_ERR_SUCCESS) return rc;
    }
    int rc = mosquitto_loop_misc(m);
    if (rc != MOSQ_ERR_SUCCESS || !would_block) return rc;
    struct pollfd entry = {.fd = mosquitto_socket(m), .events = POLLIN};
    if (mosquitto_want_write(m)) entry.events |= POLLOUT;
    poll(&entry, 1, timeout_ms);
    return MOSQ_ERR_SUCCESS;
}

static int serve(struct mosquitto *m, struct state *state) {
    const struct load_subscriber *options = state->options;
    bool is_asked = false;
    int64_t moved_ns = load_now_ns();
    uint64_t moved_count = 0;
    while (state->result->count < options->expected && state->result->arrival_count < options->expected_marks) {
        int rc = turn(m, state, 50);
        if (rc != MOSQ_ERR_SUCCESS) return rc;
        if (state->refusal != 0) return state->refusal;
        if (state->is_connected && !is_asked) {
            is_asked = true;
            rc = mosquitto_subscribe_v5(m, NULL, options->filter, options->qos, 0, NULL);
            if (rc != MOSQ_ERR_SUCCESS) return rc;
        }
        int64_t now = load_now_ns();
        if (state->result->count != moved_count) {
            moved_count = state->result->count;
            moved_ns = now;
        }
        if (now - moved_ns > (int64_t)options->idle_ms * 1000000) break;
    }
    // The last acknowledgements.
    if (options->style == LOAD_BATCHED) return turn(m, state, 0);
    return MOSQ_ERR_SUCCESS;
}

int load_subscribe(const struct load_subscriber *options, struct load_subscriber_result *result) {
    memset(result, 0, sizeof *result);
    mosquitto_lib_init();
    struct state state = {.options = options, .result = result};
    state.mark_length = options->mark ? strlen(options->mark) : 0;
    struct mosquitto *m = mosquitto_new(options->client_id, false, &state);
    if (!m) return MOSQ_ERR_NOMEM;
    mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(m, MOSQ_OPT_RECEIVE_MAXIMUM, 65535);
    mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
    // Queues acknowledgements until they are written.
    if (options->style == LOAD_BATCHED) mosquitto_threaded_set(m, true);
    mosquitto_connect_v5_callback_set(m, on_connect);
    mosquitto_subscribe_v5_callback_set(m, on_subscribe);
    mosquitto_message_v5_callback_set(m, on_message);
    int error_number = 0;
    int rc = fs_connect(m, "127.0.0.1", options->port, 60, NULL, true, true, 3600, 0, &error_number);
    if (rc == MOSQ_ERR_SUCCESS) rc = serve(m, &state);
    mosquitto_disconnect_v5(m, 0, NULL);
    for (int turns = 0; turns < 100 && mosquitto_socket(m) >= 0; turns++) {
        if (mosquitto_loop_write(m, 1) != MOSQ_ERR_SUCCESS) break;
    }
    mosquitto_destroy(m);
    return rc;
}
