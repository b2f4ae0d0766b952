#include "statement/sealed.h"

#include <string.h>

#include "merkle/tree.h"

struct saksi_hash saksi_sealed_leaf(const uint8_t salt[SAKSI_SALT_LEN],
				    struct saksi_bytes bytes)
{
	static const uint8_t leaf_tag = 0; /* RFC 9162 2.1.1 */
	struct saksi_hash_run run;

	saksi_hash_begin(&run);
	saksi_hash_more(&run, (struct saksi_bytes){&leaf_tag, 1});
	saksi_hash_more(&run, (struct saksi_bytes){salt, SAKSI_SALT_LEN});
	saksi_hash_more(&run, bytes);
	return saksi_hash_end(&run);
}

enum saksi_err saksi_opening_check(const struct saksi_opening *o,
				   const struct saksi_hash *root)
{
	struct saksi_inclusion p = {saksi_sealed_leaf(o->salt, o->bytes), o->index,
				    o->count, o->path, o->path_count};

	return saksi_inclusion_check(&p, root);
}

struct saksi_hash saksi_sealed_root(const struct saksi_hash *leaves, size_t count,
				    struct saksi_hash *scratch)
{
	if (count > 0)
		memcpy(scratch, leaves, count * sizeof(*leaves));
	return saksi_tree_root_of(scratch, count);
}

/* Level by level: pairs become their node, an odd last one goes up unchanged,
 * which is where RFC 9162's split at a power of two puts it too. */
enum saksi_err saksi_sealed_path(const struct saksi_hash *leaves, size_t count,
				 size_t index, struct saksi_hash *scratch,
				 struct saksi_hash path[SAKSI_PATH_MAX],
				 size_t *path_count)
{
	size_t n = 0;

	if (index >= count)
		return SAKSI_BADARG;
	memcpy(scratch, leaves, count * sizeof(*leaves));
	while (count > 1) {
		if ((index ^ 1) < count)
			path[n++] = scratch[index ^ 1];
		saksi_hash_nodes(scratch, count / 2, scratch);
		if (count % 2 == 1)
			scratch[count / 2] = scratch[count - 1];
		count = count / 2 + count % 2;
		index /= 2;
	}
	*path_count = n;
	return SAKSI_OK;
}

static const char *const verdict_names[SAKSI_VERDICTS] = {
    "pass", "fail", "not-applicable", "not-covered", "error"};
static const char *const severity_names[SAKSI_SEVERITIES] = {"info", "low", "medium",
							     "high", "critical"};

const char *saksi_verdict_name(enum saksi_verdict v)
{
	return verdict_names[v];
}

const char *saksi_severity_name(enum saksi_severity s)
{
	return severity_names[s];
}

enum saksi_err saksi_severity_read(struct saksi_bytes name, enum saksi_severity *out)
{
	for (unsigned i = 0; i < SAKSI_SEVERITIES; i++)
		if (saksi_bytes_is(name, severity_names[i])) {
			*out = (enum saksi_severity)i;
			return SAKSI_OK;
		}
	return SAKSI_MALFORMED;
}

enum saksi_err saksi_verdict_read(struct saksi_bytes name, enum saksi_verdict *out)
{
	for (unsigned i = 0; i < SAKSI_VERDICTS; i++)
		if (saksi_bytes_is(name, verdict_names[i])) {
			*out = (enum saksi_verdict)i;
			return SAKSI_OK;
		}
	return SAKSI_MALFORMED;
}

#define LEAF_VERSION 1

void saksi_verdict_leaf_write(const struct saksi_verdict_leaf *l,
			      uint8_t out[SAKSI_VERDICT_LEAF_LEN])
{
	struct saksi_buf b = saksi_buf_fixed(out, SAKSI_VERDICT_LEAF_LEN);

	saksi_buf_put_u8(&b, LEAF_VERSION);
	saksi_buf_put_u8(&b, (uint8_t)l->verdict);
	saksi_buf_put_u8(&b, (uint8_t)l->severity);
	saksi_buf_put_u8(&b, 0);
	saksi_buf_put_be32(&b, l->rule);
	saksi_buf_put(&b, saksi_hash_bytes(&l->rule_id));
	saksi_buf_put(&b, saksi_hash_bytes(&l->detail));
}

enum saksi_err saksi_verdict_leaf_read(struct saksi_bytes b,
				       struct saksi_verdict_leaf *out)
{
	struct saksi_cursor c = saksi_cursor_on(b);
	struct saksi_verdict_leaf l;
	uint8_t verdict, severity, zero;

	if (b.len > 0 && b.at[0] != LEAF_VERSION)
		return SAKSI_NEWER;
	if (b.len != SAKSI_VERDICT_LEAF_LEN)
		return SAKSI_MALFORMED;
	(void)saksi_cursor_u8(&c);
	verdict = saksi_cursor_u8(&c);
	severity = saksi_cursor_u8(&c);
	zero = saksi_cursor_u8(&c);
	if (verdict >= SAKSI_VERDICTS || severity >= SAKSI_SEVERITIES || zero != 0)
		return SAKSI_MALFORMED;
	l.verdict = (enum saksi_verdict)verdict;
	l.severity = (enum saksi_severity)severity;
	l.rule = saksi_cursor_be32(&c);
	memcpy(l.rule_id.b, saksi_cursor_take(&c, SAKSI_HASH_LEN).at, SAKSI_HASH_LEN);
	memcpy(l.detail.b, saksi_cursor_take(&c, SAKSI_HASH_LEN).at, SAKSI_HASH_LEN);
	*out = l;
	return SAKSI_OK;
}
