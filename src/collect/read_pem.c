#include "collect/read_pem.h"
#include "collect/read_text.h"
#include "base/text.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BEGIN "-----BEGIN "

static const uint8_t *find(struct saksi_bytes in, const char *what)
{
	return in.len ? memmem(in.at, in.len, what, strlen(what)) : NULL;
}

static struct saksi_bytes from(struct saksi_bytes in, const uint8_t *at)
{
	return (struct saksi_bytes){at, in.len - (size_t)(at - in.at)};
}

/* An OpenSSH key names its cipher at the start of its base64. */
static enum saksi_known openssh(struct saksi_bytes body)
{
	uint8_t head[48];
	size_t len = sizeof(head);
	struct saksi_bytes line;
	struct saksi_lines lines = {.left = body};

	if (!saksi_lines_next(&lines, &line) || !saksi_lines_next(&lines, &line) ||
	    line.len < 32)
		return SAKSI_UNKNOWN;
	line.len = 32;
	if (saksi_text_base64(line, head, &len) != SAKSI_OK || len < 23 ||
	    memcmp(head, "openssh-key-v1", 15) != 0)
		return SAKSI_UNKNOWN;
	return memcmp(head + 15, "\0\0\0\4none", 8) == 0 ? SAKSI_NO : SAKSI_YES;
}

static bool other_forms(struct saksi_bytes file, struct saksi_key_file *out)
{
	if (saksi_bytes_starts(file, "PuTTY-User-Key-File-")) {
		*out = (struct saksi_key_file){"PuTTY", SAKSI_YES};
		if (find(file, "Encryption: none"))
			out->encrypted = SAKSI_NO;
		return true;
	}
	if (file.len > 4 && memcmp(file.at, "\xfe\xed\xfe\xed", 4) == 0) {
		*out = (struct saksi_key_file){"JKS", SAKSI_UNKNOWN};
		return true;
	}
	/* SEQUENCE, INTEGER 3: what a PKCS #12 file begins with. */
	if (file.len > 8 && file.at[0] == 0x30 && file.at[1] == 0x82 &&
	    memcmp(file.at + 4, "\x02\x01\x03", 3) == 0) {
		*out = (struct saksi_key_file){"PKCS12", SAKSI_UNKNOWN};
		return true;
	}
	return false;
}

bool saksi_key_file_read(struct saksi_bytes file, struct saksi_key_file *out)
{
	static const char end[] = "PRIVATE KEY-----";
	struct saksi_bytes left = file;
	const uint8_t *at;

	while ((at = find(left, BEGIN)) != NULL) {
		left = from(left, at + strlen(BEGIN));
		const uint8_t *nl = memchr(left.at, '\n', left.len);
		struct saksi_bytes label = {left.at,
					    nl ? (size_t)(nl - left.at) : left.len};
		label = saksi_text_trim(label);
		if (!saksi_text_ends(label, end) || label.len - 5 >= sizeof(out->type))
			continue;
		label.len -= 5;
		memcpy(out->type, label.at, label.len);
		out->type[label.len] = '\0';
		out->encrypted = SAKSI_NO;
		if (saksi_bytes_is(label, "ENCRYPTED PRIVATE KEY") ||
		    find(left, "Proc-Type: 4,ENCRYPTED"))
			out->encrypted = SAKSI_YES;
		else if (saksi_bytes_is(label, "OPENSSH PRIVATE KEY"))
			out->encrypted = openssh(left);
		return true;
	}
	return other_forms(file, out);
}

unsigned saksi_certificate_count(struct saksi_bytes file)
{
	struct saksi_bytes left = file;
	const uint8_t *at;
	unsigned n = 0;

	while ((at = find(left, "-----BEGIN CERTIFICATE-----")) != NULL ||
	       (at = find(left, "-----BEGIN TRUSTED CERTIFICATE-----")) != NULL) {
		n++;
		left = from(left, at + strlen(BEGIN));
	}
	return n;
}

static int64_t seconds(const ASN1_TIME *t)
{
	struct tm tm;

	return t && ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static void key_facts(X509 *x, struct saksi_certificate *out)
{
	EVP_PKEY *key = X509_get0_pubkey(x);

	out->key_type = "other";
	if (!key)
		return;
	out->key_bits = EVP_PKEY_bits(key);
	switch (EVP_PKEY_base_id(key)) {
	case EVP_PKEY_RSA:
	case EVP_PKEY_RSA_PSS:
		out->key_type = "rsa";
		break;
	case EVP_PKEY_EC:
		out->key_type = "ec";
		break;
	case EVP_PKEY_DSA:
		out->key_type = "dsa";
		break;
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		out->key_type = "ed25519";
		break;
	default:
		break;
	}
}

static X509 *first(struct saksi_bytes file)
{
	const uint8_t *at = file.at;
	X509 *x = NULL;

	if (file.len == 0 || file.len > INT32_MAX)
		return NULL;
	if (file.at[0] == 0x30)
		return d2i_X509(NULL, &at, (long)file.len);
	BIO *bio = BIO_new_mem_buf(file.at, (int)file.len);
	/* The empty password: never ask one of a terminal. */
	if (bio)
		x = PEM_read_bio_X509_AUX(bio, NULL, NULL, (char[]){""});
	BIO_free(bio);
	return x;
}

bool saksi_certificate_read(struct saksi_bytes file, struct saksi_certificate *out)
{
	X509 *x = first(file);

	ERR_clear_error();
	if (!x)
		return false;
	*out = (struct saksi_certificate){
	    .not_before = seconds(X509_get0_notBefore(x)),
	    .not_after = seconds(X509_get0_notAfter(x)),
	    .self_signed =
		X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0,
	    .ca = X509_check_ca(x) > 0,
	};
	key_facts(x, out);
	const char *name = OBJ_nid2sn(X509_get_signature_nid(x));
	snprintf(out->signature, sizeof(out->signature), "%s",
		 name ? name : "undefined");
	X509_free(x);
	ERR_clear_error();
	return true;
}
