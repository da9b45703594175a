#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Swift can call neither variadic functions nor function-like macros.
static inline EVP_PKEY *attune_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }
static inline EVP_PKEY *attune_generate_p256(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"); }
static inline void attune_openssl_free(void *memory) { OPENSSL_free(memory); }

// Parameters keep pointers to their names, and a Swift string's pointer ends with the call that it is passed to.
static inline int attune_hmac_sha256_init(EVP_MAC_CTX *context, const unsigned char *key, size_t key_size) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_init(context, key, key_size, parameters);
}

// OpenSSL only reads secret, salt and info.
static inline int attune_hkdf_sha256(
    EVP_KDF_CTX *context, const void *secret, size_t secret_size, const void *salt, size_t salt_size,
    const void *info, size_t info_size, unsigned char *output, size_t output_size
) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_size),
        OSSL_PARAM_construct_end(),
    };
    return EVP_KDF_derive(context, output, output_size, parameters);
}

// An expression of macros.
static const int attune_mbstring_utf8 = MBSTRING_UTF8;
