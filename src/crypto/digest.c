#include "crypto/digest.h"

#include <openssl/evp.h>

static EVP_MD_CTX *of(struct saksi_digest *d)
{
	return (EVP_MD_CTX *)d;
}

struct saksi_digest *saksi_digest_begin(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	if (c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1)
		return (struct saksi_digest *)c;
	EVP_MD_CTX_free(c);
	return NULL;
}

enum saksi_err saksi_digest_more(struct saksi_digest *d, struct saksi_bytes data)
{
	return EVP_DigestUpdate(of(d), data.at, data.len) == 1 ? SAKSI_OK : SAKSI_NOMEM;
}

enum saksi_err saksi_digest_end(struct saksi_digest *d, struct saksi_hash *out)
{
	struct saksi_hash got;

	if (EVP_DigestFinal_ex(of(d), got.b, NULL) != 1)
		return SAKSI_NOMEM;
	*out = got;
	return SAKSI_OK;
}

void saksi_digest_free(struct saksi_digest *d)
{
	EVP_MD_CTX_free(of(d));
}
