// The one place where the project meets libmosquitto (2.0): its header, and the few calls that Swift either cannot make
// or would make at a cost. Everything here is `static inline`, keeps no state and takes over no memory unless it says
// so.
//
// Callers own one thread a handle. Every handle is switched to `mosquitto_threaded_set(m, true)`, so that the library
// queues what it has to say (acknowledgements too) until `mosquitto_loop_write`.
#ifndef FLEETSTREAM_CMOSQUITTO_H
#define FLEETSTREAM_CMOSQUITTO_H

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

// Reads what is there: at least one packet, or as much of it as has arrived.
//
// `would_block` tells that the socket (or the TLS layer) has nothing more. It is only to be believed when no callback
// ran meanwhile: the library's own wake-up pipe, which nobody empties here, leaves the same errno behind after a
// packet. `error_number` is errno as the failing call left it; a callback may have changed it since.
static inline int fs_loop_read(struct mosquitto *m, bool *would_block, int *error_number) {
    errno = 0;
    int rc = mosquitto_loop_read(m, 1);
    *error_number = errno;
    *would_block = rc == MOSQ_ERR_SUCCESS && (errno == EAGAIN || errno == EWOULDBLOCK);
    return rc;
}

// Writes everything that is queued in as few TCP segments as possible: the library makes one `write` a packet, and the
// kernel would send one segment each. The socket may be closed inside, and its number taken by another thread's file;
// so it is only uncorked while the handle still has it.
static inline int fs_loop_write_corked(struct mosquitto *m, int *error_number) {
    int socket = mosquitto_socket(m);
    int on = 1, off = 0;
    if (socket >= 0) setsockopt(socket, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    errno = 0;
    int rc = mosquitto_loop_write(m, 1);
    *error_number = errno;
    if (socket >= 0 && mosquitto_socket(m) == socket) setsockopt(socket, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
    return rc;
}

// Starts a connection, with MQTT 5 properties (zero: left out).
//
// Without TLS it does not wait. The library has no asynchronous connect that takes properties; its synchronous one,
// however, stores the properties first and only then looks at its other arguments. Called without a host it stores them
// and answers MOSQ_ERR_INVAL, and the asynchronous one then sends what is stored.
//
// With TLS it waits for the TCP connection: version 2.0 begins the handshake at once, and never finishes one that began
// before the TCP connection stood. Callers make sure beforehand that the address answers.
static inline int fs_connect(
    struct mosquitto *m, const char *host, int port, int keepalive_s, const char *bind_address, bool v5, bool waits,
    uint32_t session_expiry_s, uint32_t maximum_packet_size, int *error_number) {
    int rc = MOSQ_ERR_SUCCESS;
    mosquitto_property *properties = NULL;
    if (v5 && session_expiry_s > 0)
        rc = mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, session_expiry_s);
    if (v5 && rc == MOSQ_ERR_SUCCESS && maximum_packet_size > 0)
        rc = mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, maximum_packet_size);
    if (rc == MOSQ_ERR_SUCCESS && !waits && properties) {
        int stored = mosquitto_connect_bind_v5(m, NULL, port, keepalive_s, NULL, properties);
        rc = stored == MOSQ_ERR_INVAL ? MOSQ_ERR_SUCCESS : stored;
    }
    errno = 0;
    if (rc == MOSQ_ERR_SUCCESS)
        rc = waits ? mosquitto_connect_bind_v5(m, host, port, keepalive_s, bind_address, properties)
                   : mosquitto_connect_bind_async(m, host, port, keepalive_s, bind_address);
    *error_number = errno;
    mosquitto_property_free_all(&properties);
    return rc;
}

// Called by OpenSSL for the password of a key file: there is none to give, and without this it would ask on the
// terminal.
static inline int fs_no_key_password(char *buffer, int size, int writing, void *context) {
    (void)buffer; (void)size; (void)writing; (void)context;
    return 0;
}

static inline int fs_tls_set(
    struct mosquitto *m, const char *ca_file, const char *ca_path, const char *certificate_file, const char *key_file) {
    return mosquitto_tls_set(m, ca_file, ca_path, certificate_file, key_file, fs_no_key_password);
}

// Queues a message. The optional properties are MQTT 5 only; with MQTT 3.1.1 `v5` is false and they are left out.
static inline int fs_publish(
    struct mosquitto *m, int *mid, const char *topic, const void *payload, int payload_length, int qos, bool retain,
    bool v5, const char *content_type, const void *correlation, uint16_t correlation_length, bool has_expiry,
    uint32_t expiry_s) {
    mosquitto_property *properties = NULL;
    int rc = MOSQ_ERR_SUCCESS;
    if (v5) {
        if (content_type) rc = mosquitto_property_add_string(&properties, MQTT_PROP_CONTENT_TYPE, content_type);
        if (rc == MOSQ_ERR_SUCCESS && correlation_length > 0)
            rc = mosquitto_property_add_binary(
                &properties, MQTT_PROP_CORRELATION_DATA, correlation, correlation_length);
        if (rc == MOSQ_ERR_SUCCESS && has_expiry)
            rc = mosquitto_property_add_int32(&properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, expiry_s);
    }
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_publish_v5(m, mid, topic, payload_length, payload, qos, retain, properties);
    mosquitto_property_free_all(&properties);
    return rc;
}

// Response topic and correlation data of a received message. Both are copies that the caller frees with `free`, or
// null.
static inline void fs_request_properties(
    const mosquitto_property *properties, char **response_topic, void **correlation, uint16_t *correlation_length) {
    *response_topic = NULL;
    *correlation = NULL;
    *correlation_length = 0;
    mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, response_topic, false);
    mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, correlation, correlation_length, false);
}

// What a broker says about itself in its CONNACK; a value that it leaves out keeps the protocol's default.
struct fs_broker_facts {
    uint16_t receive_maximum;
    uint8_t maximum_qos;
    uint8_t retain_available;
    uint8_t wildcard_available;
    uint8_t shared_available;
    bool has_session_expiry;
    uint32_t session_expiry_s;
    uint32_t maximum_packet_size;
    uint16_t server_keep_alive_s;
};

static inline struct fs_broker_facts fs_broker_facts_read(const mosquitto_property *p) {
    struct fs_broker_facts facts = {65535, 2, 1, 1, 1, false, 0, 0, 0};
    mosquitto_property_read_int16(p, MQTT_PROP_RECEIVE_MAXIMUM, &facts.receive_maximum, false);
    mosquitto_property_read_byte(p, MQTT_PROP_MAXIMUM_QOS, &facts.maximum_qos, false);
    mosquitto_property_read_byte(p, MQTT_PROP_RETAIN_AVAILABLE, &facts.retain_available, false);
    mosquitto_property_read_byte(p, MQTT_PROP_WILDCARD_SUB_AVAILABLE, &facts.wildcard_available, false);
    mosquitto_property_read_byte(p, MQTT_PROP_SHARED_SUB_AVAILABLE, &facts.shared_available, false);
    facts.has_session_expiry =
        mosquitto_property_read_int32(p, MQTT_PROP_SESSION_EXPIRY_INTERVAL, &facts.session_expiry_s, false) != NULL;
    mosquitto_property_read_int32(p, MQTT_PROP_MAXIMUM_PACKET_SIZE, &facts.maximum_packet_size, false);
    mosquitto_property_read_int16(p, MQTT_PROP_SERVER_KEEP_ALIVE, &facts.server_keep_alive_s, false);
    return facts;
}

// The reason string of a CONNACK, PUBACK, SUBACK or DISCONNECT; the caller frees it. Null where there is none.
static inline char *fs_reason_string(const mosquitto_property *properties) {
    char *reason = NULL;
    if (properties) mosquitto_property_read_string(properties, MQTT_PROP_REASON_STRING, &reason, false);
    return reason;
}

#endif
