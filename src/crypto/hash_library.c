#include "crypto/hash_engines.h"

#include <openssl/evp.h>
#include <pthread.h>

/* Fetching the algorithm and making a context cost more than a short hash, so
 * the first happens once and the second once a thread; a key and not
 * _Thread_local, since a thread that ends must give its context back. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t contexts;
static EVP_MD *sha256;
static bool ready;

static void end_context(void *context)
{
	EVP_MD_CTX_free(context);
}

static void begin(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	ready = sha256 != NULL && pthread_key_create(&contexts, end_context) == 0;
}

/* This thread's context, or NULL. */
static EVP_MD_CTX *context_here(void)
{
	EVP_MD_CTX *c;

	(void)pthread_once(&once, begin);
	if (!ready)
		return NULL;
	c = pthread_getspecific(contexts);
	if (c != NULL)
		return c;
	c = EVP_MD_CTX_new();
	if (c == NULL || EVP_DigestInit_ex2(c, sha256, NULL) != 1 ||
	    pthread_setspecific(contexts, c) != 0) {
		EVP_MD_CTX_free(c);
		return NULL;
	}
	return c;
}

bool saksi_hash_library(struct saksi_bytes mark, struct saksi_bytes data,
			struct saksi_hash *out)
{
	EVP_MD_CTX *c = context_here();
	struct saksi_hash got;

	if (c == NULL || EVP_DigestInit_ex2(c, NULL, NULL) != 1 ||
	    EVP_DigestUpdate(c, mark.at, mark.len) != 1 ||
	    EVP_DigestUpdate(c, data.at, data.len) != 1 ||
	    EVP_DigestFinal_ex(c, got.b, NULL) != 1)
		return false;
	*out = got;
	return true;
}
