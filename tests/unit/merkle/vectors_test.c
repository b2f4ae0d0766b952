/* The 518 cases of transparency-dev/merkle, read from where they lie and never
 * kept here: in $SAKSI_VECTORS, else in ../shared/vectors.
 *
 * A case may name a "root" that has no 32 bytes ("don't care"); it is padded,
 * so that equal stays equal and nothing becomes a real root.  A leaf hash of
 * another length cannot be asked about, which is an answer too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "merkle/proof.h"

static char root_dir[4096];

struct vector {
	const char *where;
	char *text;
	json_t *json;
	struct saksi_hash path[SAKSI_PATH_MAX + 2];
	size_t path_count;
};

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = calloc(1, 65536);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, f) < 65535);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* Numbers go up to 2^64, further than JSON libraries go. */
static uint64_t number(const struct vector *v, const char *key)
{
	char quoted[64];
	const char *at;

	(void)snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(v->text, quoted);
	if (at == NULL)
		fail_msg("%s has no %s", v->where, key);
	return strtoull(at + strlen(quoted), NULL, 10);
}

/* The decoded length; shorter hashes are padded with zeroes. */
static size_t hash_from(const json_t *s, struct saksi_hash *out)
{
	uint8_t room[512] = {0};
	size_t len = sizeof(room);

	memset(out, 0, sizeof(*out));
	if (s == NULL || json_is_null(s))
		return 0;
	assert_int_equal(
	    saksi_text_base64(saksi_bytes_of(json_string_value(s)), room, &len),
	    SAKSI_OK);
	memcpy(out->b, room, sizeof(out->b));
	return len;
}

static struct saksi_hash hash(const struct vector *v, const char *key)
{
	struct saksi_hash h;

	(void)hash_from(json_object_get(v->json, key), &h);
	return h;
}

static void load(struct vector *v, const char *path)
{
	json_error_t e;
	json_t *proof, *s;
	size_t i;

	memset(v, 0, sizeof(*v));
	v->where = path;
	v->text = slurp(path);
	v->json = json_loads(v->text, JSON_DECODE_INT_AS_REAL, &e);
	assert_non_null(v->json);
	proof = json_object_get(v->json, "proof");
	assert_true(json_array_size(proof) <= SAKSI_PATH_MAX + 2);
	json_array_foreach(proof, i, s)
	{
		(void)hash_from(s, &v->path[i]);
		v->path_count++;
	}
}

static bool holds_inclusion(const struct vector *v)
{
	struct saksi_hash root = hash(v, "root");
	struct saksi_inclusion p = {.index = number(v, "leafIdx"),
				    .size = number(v, "treeSize"),
				    .path = v->path,
				    .path_count = v->path_count};

	if (hash_from(json_object_get(v->json, "leafHash"), &p.leaf) != SAKSI_HASH_LEN)
		return false;
	return saksi_inclusion_check(&p, &root) == SAKSI_OK;
}

static bool holds_subtree_inclusion(const struct vector *v)
{
	struct saksi_hash root = hash(v, "root");
	struct saksi_inclusion p = {.index = number(v, "leafIdx"),
				    .size = number(v, "end"),
				    .path = v->path,
				    .path_count = v->path_count};

	if (hash_from(json_object_get(v->json, "leafHash"), &p.leaf) != SAKSI_HASH_LEN)
		return false;
	return saksi_subtree_inclusion_check(&p, number(v, "start"), number(v, "end"),
					     &root) == SAKSI_OK;
}

/* Upstream derives the newer root from the older one and the path, so a proof
 * from size 0 to another is an error there; so it is where we derive roots.
 * saksi_consistency_check follows tlog-witness: the empty tree is a prefix. */
static bool holds_consistency(const struct vector *v)
{
	struct saksi_hash root1 = hash(v, "root1"), root2 = hash(v, "root2"), got[2];
	struct saksi_consistency p = {number(v, "size1"), number(v, "size2"), v->path,
				      v->path_count};

	if (p.size1 == 0 && p.size2 > 0)
		return saksi_consistency_roots(&p, &root1, &got[0], &got[1]) ==
		       SAKSI_OK;
	return saksi_consistency_check(&p, &root1, &root2) == SAKSI_OK;
}

static bool holds_subtree_consistency(const struct vector *v)
{
	struct saksi_hash root1 = hash(v, "root1"), root2 = hash(v, "root2");
	struct saksi_consistency p = {
	    .size2 = number(v, "size"), .path = v->path, .path_count = v->path_count};

	return saksi_subtree_consistency_check(number(v, "start"), number(v, "end"), &p,
					       &root1, &root2) == SAKSI_OK;
}

struct tally {
	bool (*holds)(const struct vector *v);
	unsigned count, held;
};

static void judge(const char *path, struct tally *t)
{
	struct vector v;
	bool holds, want;

	load(&v, path);
	holds = t->holds(&v);
	want = json_is_false(json_object_get(v.json, "wantErr"));
	if (holds != want)
		fail_msg("%s: %s", path, holds ? "accepted" : "refused");
	t->count++;
	t->held += holds;
	json_decref(v.json);
	free(v.text);
}

static void walk(const char *dir, struct tally *t)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		char path[8192];
		size_t len = strlen(e->d_name);

		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (len > 5 && strcmp(e->d_name + len - 5, ".json") == 0)
			judge(path, t);
		else
			walk(path, t);
	}
	assert_int_equal(closedir(d), 0);
}

static void run(const char *kind, bool (*holds)(const struct vector *v), unsigned count,
		unsigned held)
{
	struct tally t = {.holds = holds};
	char dir[8192];
	DIR *d;

	(void)snprintf(dir, sizeof(dir), "%s/rfc6962-merkle/%s", root_dir, kind);
	d = opendir(dir);
	if (d == NULL) {
		print_message("no vectors in %s (set SAKSI_VECTORS)\n", dir);
		skip();
	}
	(void)closedir(d);
	walk(dir, &t);
	assert_int_equal(t.count, count);
	assert_int_equal(t.held, held);
}

static void test_inclusion_cases(void **state)
{
	(void)state;
	run("inclusion", holds_inclusion, 98, 6);
}

static void test_consistency_cases(void **state)
{
	(void)state;
	run("consistency", holds_consistency, 98, 6);
}

static void test_subtree_inclusion_cases(void **state)
{
	(void)state;
	run("subtreeinclusion", holds_subtree_inclusion, 204, 12);
}

static void test_subtree_consistency_cases(void **state)
{
	(void)state;
	run("subtreeconsistency", holds_subtree_consistency, 118, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_inclusion_cases),
	    cmocka_unit_test(test_consistency_cases),
	    cmocka_unit_test(test_subtree_inclusion_cases),
	    cmocka_unit_test(test_subtree_consistency_cases),
	};
	const char *where = getenv("SAKSI_VECTORS");

	(void)snprintf(root_dir, sizeof(root_dir), "%s",
		       where != NULL ? where : "../shared/vectors");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
