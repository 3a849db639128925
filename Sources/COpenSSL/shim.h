// The one place where the project meets OpenSSL's C headers.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/// HMAC-SHA256 (RFC 2104, FIPS 198-1) into 32 bytes; 0 where OpenSSL refuses to compute it.
static inline int copenssl_hmac_sha256(
    const void *key, int key_count, const void *data, size_t data_count, unsigned char *mac) {
    unsigned int count = 0;
    // OpenSSL takes a null pointer for "the key of the time before": an empty key is another thing.
    return HMAC(EVP_sha256(), key ? key : "", key_count, data, data_count, mac, &count) != NULL && count == 32;
}

/// SHA-256 into 32 bytes; 0 where OpenSSL refuses to compute it.
static inline int copenssl_sha256(const void *data, size_t data_count, unsigned char *digest) {
    unsigned int count = 0;
    return EVP_Digest(data, data_count, digest, &count, EVP_sha256(), NULL) == 1 && count == 32;
}
