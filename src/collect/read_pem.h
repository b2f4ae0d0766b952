/* Private keys and certificates, looked at from memory. */
#ifndef SAKSI_COLLECT_READ_PEM_H
#define SAKSI_COLLECT_READ_PEM_H

#include "base/cursor.h"

enum saksi_known { SAKSI_NO, SAKSI_YES, SAKSI_UNKNOWN };

struct saksi_key_file {
	char type[40]; /* PEM label, "PuTTY", "PKCS12" or "JKS" */
	enum saksi_known encrypted;
};
/* Does a private key stand in this file?  Pure. */
bool saksi_key_file_read(struct saksi_bytes file, struct saksi_key_file *out);

struct saksi_certificate {
	int64_t not_before, not_after; /* seconds UTC */
	const char *key_type;          /* static */
	int key_bits;
	char signature[64];
	bool self_signed, ca;
};
/* How many PEM certificates begin in this file?  Pure. */
unsigned saksi_certificate_count(struct saksi_bytes file);
/* The first certificate, PEM or DER; false when there is none that is whole. */
bool saksi_certificate_read(struct saksi_bytes file, struct saksi_certificate *out);

#endif
