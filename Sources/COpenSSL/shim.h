#ifndef BOOTWIRE_COPENSSL_H
#define BOOTWIRE_COPENSSL_H
/*
 * OpenSSL 3, and as functions what it has as macros, which Swift cannot see. A function that can
 * fail returns 0 or NULL, as OpenSSL's own do.
 */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* Never asks a terminal: a key with a passphrase is an error. */
static inline int cssl_no_password(char *buffer, int size, int writing, void *context) {
  (void)buffer, (void)size, (void)writing, (void)context;
  return -1;
}

/* We speak HTTP/1.1 and nothing else; a client that does not list it is served all the same. */
static inline int cssl_choose_protocol(
    SSL *session, const unsigned char **chosen, unsigned char *length,
    const unsigned char *offered, unsigned offered_length, void *context) {
  static const unsigned char http[] = "\x08http/1.1";
  unsigned char *found;
  (void)session, (void)context;
  if (SSL_select_next_proto(
          &found, length, http, sizeof http - 1, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

/* A client of TLS 1.2 that does not say which signatures it can verify, as the wget of busybox, may
 * be sent SHA-1 only (RFC 5246, 7.4.1.4.1), which is not secure. With RSA's own key exchange nothing is
 * signed; but OpenSSL looks for a signature all the same, which only level 0 allows to be SHA-1. */
static inline int cssl_meet_client(SSL *session, int *alert, void *context) {
  const unsigned char *value;
  size_t length;
  (void)context;
  if (SSL_client_hello_get0_ext(session, TLSEXT_TYPE_signature_algorithms, &value, &length) == 1)
    return SSL_CLIENT_HELLO_SUCCESS;
  SSL_set_security_level(session, 0);
  if (SSL_set_cipher_list(session, "AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA256:"
                                   "AES256-SHA256:AES128-SHA:AES256-SHA") == 1)
    return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_INTERNAL_ERROR;
  return SSL_CLIENT_HELLO_ERROR;
}

static inline int cssl_prepare_server(SSL_CTX *context) {
  SSL_CTX_set_options(
      context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(
      context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                   SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 0);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_alpn_select_cb(context, cssl_choose_protocol, NULL);
  SSL_CTX_set_client_hello_cb(context, cssl_meet_client, NULL);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, 0) == 1 && SSL_CTX_set_dh_auto(context, 1) == 1;
}

static inline X509 *cssl_next_certificate(BIO *text);

/* A client's: it believes those whom the authorities of the text certify, or, without a text, whom
 * the system's do. */
static inline int cssl_prepare_client(SSL_CTX *context, BIO *authorities) {
  X509_STORE *store = SSL_CTX_get_cert_store(context);
  X509 *next;
  int count = 0;
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) return 0;
  if (authorities == NULL) return SSL_CTX_set_default_verify_paths(context);
  while ((next = cssl_next_certificate(authorities)) != NULL) {
    count += X509_STORE_add_cert(store, next);
    X509_free(next);
  }
  return count > 0 && ERR_peek_error() == 0;
}

/* Makes the session a client's that talks to this name or address and to nobody else. */
static inline int cssl_expect(SSL *session, const char *host) {
  X509_VERIFY_PARAM *wanted = SSL_get0_param(session);
  SSL_set_connect_state(session);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host) == 1) return 1;
  ERR_clear_error();
  return SSL_set1_host(session, host) == 1 && SSL_set_tlsext_host_name(session, host) == 1;
}

static inline BIO *cssl_bytes(const void *bytes, size_t count) {
  return count > INT32_MAX ? NULL : BIO_new_mem_buf(bytes, (int)count);
}

/* The next certificate of a PEM text; NULL, and no error left, when there is none. */
static inline X509 *cssl_next_certificate(BIO *text) {
  X509 *found = PEM_read_bio_X509(text, NULL, cssl_no_password, NULL);
  unsigned long error = ERR_peek_last_error();
  if (found == NULL && ERR_GET_LIB(error) == ERR_LIB_PEM &&
      ERR_GET_REASON(error) == PEM_R_NO_START_LINE)
    ERR_clear_error();
  return found;
}

static inline EVP_PKEY *cssl_private_key(BIO *text) {
  return PEM_read_bio_PrivateKey(text, NULL, cssl_no_password, NULL);
}

/* The first certificate of the text with its key, and the rest as its chain. A second one with the
 * same kind of key is refused. */
static inline int cssl_use(SSL_CTX *context, BIO *certificates, BIO *key) {
  X509 *leaf = cssl_next_certificate(certificates), *next;
  EVP_PKEY *pair = cssl_private_key(key);
  STACK_OF(X509) *chain = sk_X509_new_null();
  int done = leaf != NULL && pair != NULL && chain != NULL;
  while (done && (next = cssl_next_certificate(certificates)) != NULL)
    done = sk_X509_push(chain, next) > 0;
  done = done && ERR_peek_error() == 0 && SSL_CTX_use_cert_and_key(context, leaf, pair, chain, 0);
  sk_X509_pop_free(chain, X509_free);
  EVP_PKEY_free(pair);
  X509_free(leaf);
  return done;
}

/* Seconds since 1970. */
static inline int cssl_seconds(const ASN1_TIME *time, int64_t *seconds) {
  ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
  int days = 0, rest = 0;
  int done = epoch != NULL && ASN1_TIME_diff(&days, &rest, epoch, time);
  ASN1_TIME_free(epoch);
  *seconds = (int64_t)days * 86400 + rest;
  return done;
}

static inline GENERAL_NAMES *cssl_names(const X509 *certificate) {
  return (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

static inline int cssl_name_count(const GENERAL_NAMES *names) {
  return names == NULL ? 0 : sk_GENERAL_NAME_num(names);
}

/* GEN_DNS and GEN_IPADD have bytes; of other kinds there are none. */
static inline int cssl_name(
    const GENERAL_NAMES *names, int index, const unsigned char **bytes, int *length) {
  int kind = 0;
  const ASN1_STRING *value =
      (const ASN1_STRING *)GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, index), &kind);
  int known = kind == GEN_DNS || kind == GEN_IPADD;
  *bytes = known ? ASN1_STRING_get0_data(value) : NULL;
  *length = known ? ASN1_STRING_length(value) : 0;
  return kind;
}

/* As RFC 2253 writes it, with letters beyond ASCII as they are. */
static inline void cssl_print_name(BIO *text, const X509_NAME *name) {
  X509_NAME_print_ex(text, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

static inline EVP_PKEY *cssl_make_rsa(size_t bits) { return EVP_RSA_gen(bits); }
static inline EVP_PKEY *cssl_make_p256(void) { return EVP_EC_gen("P-256"); }
static inline EVP_PKEY *cssl_make_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

/* The value is written as in openssl.cnf. */
static inline int cssl_extend(X509 *certificate, X509 *issuer, int kind, const char *value) {
  X509V3_CTX context;
  X509_EXTENSION *extension;
  int done;
  X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
  done = extension != NULL && X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return done;
}
#endif
