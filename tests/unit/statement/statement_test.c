/* Statements as bytes: the examples of docs/formats/statements.md read and written
 * back, and every strictness of the reader. */
#include "../ledger/world.h"

static uint8_t room[1 << 21];
static char text[SAKSI_PAYLOAD_MAX + 2];

static struct saksi_bytes example(const char *name)
{
	char path[128];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "tests/vectors/statement-%s.json", name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("no %s: run from the project's folder", path);
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[n] = '\0';
	return (struct saksi_bytes){(const uint8_t *)text, n};
}

static void read_and_write(const struct saksi_statement *s, struct saksi_arena *a,
			   struct saksi_buf *b)
{
	union {
		struct saksi_keys keys;
		struct saksi_inventory inventory;
		struct saksi_plan plan;
		struct saksi_audit audit;
		struct saksi_abandoned abandoned;
		struct saksi_observation observation;
		struct saksi_disclosure disclosure;
		struct saksi_postponed postponed;
		struct saksi_heartbeat heartbeat;
	} u;
	struct saksi_fault f = {0};

#define BOTH(noun)                                                                     \
	CHECK(saksi_##noun##_read(s, a, &u.noun, &f) == SAKSI_OK);                     \
	saksi_##noun##_write(&u.noun, b);                                              \
	break
	switch (s->kind) {
	case SAKSI_KIND_KEYS:
		BOTH(keys);
	case SAKSI_KIND_INVENTORY:
		BOTH(inventory);
	case SAKSI_KIND_PLAN:
		BOTH(plan);
	case SAKSI_KIND_AUDIT:
		BOTH(audit);
	case SAKSI_KIND_ABANDONED:
		BOTH(abandoned);
	case SAKSI_KIND_OBSERVATION:
		BOTH(observation);
	case SAKSI_KIND_DISCLOSURE:
		BOTH(disclosure);
	case SAKSI_KIND_EXTENSION:
	case SAKSI_KIND_ACCEPTANCE:
		BOTH(postponed);
	case SAKSI_KIND_HEARTBEAT:
		BOTH(heartbeat);
	case SAKSI_KIND_OTHER:
		fail();
	}
}

static void one_round_trip(const char *name)
{
	static uint8_t body[SAKSI_PAYLOAD_MAX], out[SAKSI_PAYLOAD_MAX];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf b = saksi_buf_fixed(body, sizeof(body));
	struct saksi_buf o = saksi_buf_fixed(out, sizeof(out));
	struct saksi_bytes payload = example(name);
	struct saksi_statement s;

	CHECK(saksi_statement_read(payload, &a, &s, NULL) == SAKSI_OK);
	assert_string_equal(saksi_kind_name(s.kind), name);
	CHECK(saksi_bytes_is(s.kind_name, name));
	read_and_write(&s, &a, &b);
	CHECK(saksi_statement_write(&s, saksi_buf_bytes(&b), &o) == SAKSI_OK);
	CHECK(saksi_bytes_same(saksi_buf_bytes(&o), payload));
}

static void round_trips(void **state)
{
	(void)state;
	for (unsigned k = 0; k < SAKSI_KIND_OTHER; k++)
		one_round_trip(saksi_kind_name((enum saksi_kind)k));
	assert_string_equal(saksi_kind_name(SAKSI_KIND_OTHER), "other");
}

/* Reads the example with one thing replaced, the body too. */
static enum saksi_err bent(const char *name, const char *find, const char *replace,
			   struct saksi_statement *s)
{
	static char copy[SAKSI_PAYLOAD_MAX + 64];
	static uint8_t body[SAKSI_PAYLOAD_MAX];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf b = saksi_buf_fixed(body, sizeof(body));
	struct saksi_bytes payload = example(name);
	const char *at = strstr(text, find);
	struct saksi_fault f = {0};
	union {
		struct saksi_keys keys;
		struct saksi_inventory inventory;
		struct saksi_plan plan;
		struct saksi_audit audit;
		struct saksi_abandoned abandoned;
		struct saksi_disclosure disclosure;
	} u;
	enum saksi_err err;

	assert_non_null(at);
	(void)snprintf(copy, sizeof(copy), "%.*s%s%s", (int)(at - text), text, replace,
		       at + strlen(find));
	payload = saksi_bytes_of(copy);
	err = saksi_statement_read(payload, &a, s, &f);
	if (err == SAKSI_OK && s->kind == SAKSI_KIND_KEYS)
		err = saksi_keys_read(s, &a, &u.keys, &f);
	else if (err == SAKSI_OK && s->kind == SAKSI_KIND_AUDIT)
		err = saksi_audit_read(s, &a, &u.audit, &f);
	else if (err == SAKSI_OK && s->kind == SAKSI_KIND_PLAN)
		err = saksi_plan_read(s, &a, &u.plan, &f);
	else if (err == SAKSI_OK && s->kind == SAKSI_KIND_INVENTORY)
		err = saksi_inventory_read(s, &a, &u.inventory, &f);
	else if (err == SAKSI_OK && s->kind == SAKSI_KIND_ABANDONED)
		err = saksi_abandoned_read(s, &a, &u.abandoned, &f);
	else if (err == SAKSI_OK && s->kind == SAKSI_KIND_DISCLOSURE)
		err = saksi_disclosure_read(s, &a, &u.disclosure, &f);
	else if (err == SAKSI_OK && s->kind != SAKSI_KIND_OTHER)
		read_and_write(s, &a, &b);
	CHECK((err == SAKSI_OK) == (f.what == NULL));
	return err;
}

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ZERO64 "0000000000000000000000000000000000000000000000000000000000000000"

static const struct {
	const char *name, *find, *replace;
} malformed[] = {
    {"heartbeat", "Statement/v1", "Statement/v2"},
    {"heartbeat", "{\"_type\"", "{\"x\":1,\"_type\""},
    {"heartbeat", "\"_type\":\"https://in-toto.io/Statement/v1\",", ""},
    {"heartbeat", "\"subject\":[{",
     "\"subject\":[{\"name\":\"a\",\"digest\":{\"sha256\":\"" HEX64 "\"}},{"},
    {"heartbeat", "\"subject\":[{", "\"subject\":[],\"x\":[{"},
    {"heartbeat", "\"digest\":{", "\"digest\":{\"sha1\":\"00\","},
    {"heartbeat", "\"name\":\"checkpoint\"", "\"name\":\"\""},
    {"heartbeat", "\"name\":\"checkpoint\"", "\"name\":\"\\u001b[2J\""},
    {"heartbeat", "\"name\":\"checkpoint\"", "\"uri\":\"checkpoint\""},
    {"heartbeat", "urn:saksi:heartbeat:1", "urn:sigs:heartbeat:1"},
    {"heartbeat", "urn:saksi:heartbeat:1", "urn:saksi:heartbeat"},
    {"heartbeat", "urn:saksi:heartbeat:1", "urn:saksi:heartbeat:"},
    {"heartbeat", "urn:saksi:heartbeat:1", "urn:saksi:heartbeat:0"},
    {"heartbeat", "urn:saksi:heartbeat:1", "urn:saksi:heartbeat:01"},
    {"heartbeat", "urn:saksi:heartbeat:1", "urn:saksi:heartbeat:1:1"},
    {"heartbeat", "urn:saksi:heartbeat:1", "urn:saksi::1"},
    {"heartbeat", "urn:saksi:heartbeat:1", "urn:saksi:Heartbeat:1"},
    {"heartbeat", "urn:saksi:heartbeat:1", "urn:saksi:heartbeat:2"},
    {"heartbeat", "\"version\":1", "\"version\":2"},
    {"heartbeat", "\"version\":1", "\"version\":0"},
    {"heartbeat", "\"version\":1", "\"version\":-1"},
    {"heartbeat", "\"version\":1", "\"version\":1,\"more\":1"},
    {"heartbeat", "\"author\":\"bawaslu\"", "\"author\":\"Bawaslu\""},
    {"heartbeat", "\"author\":\"bawaslu\"", "\"author\":\"\""},
    {"heartbeat", "\"author\":\"bawaslu\"", "\"author\":\"" HEX64 "a\""},
    {"heartbeat", "\"sequence\":0", "\"sequence\":-1"},
    {"heartbeat", "\"sequence\":0", "\"sequence\":\"0\""},
    {"heartbeat", "\"sequence\":0", "\"sequence\":1"},
    {"heartbeat", "\"previous\":\"\"", "\"previous\":\"" ZERO64 "\""},
    {"heartbeat", "\"previous\":\"\"", "\"previous\":null"},
    {"audit", "\"sequence\":1", "\"sequence\":0"},
    {"heartbeat", "Z\",\"addenda\"", "+00:00\",\"addenda\""},
    {"heartbeat", "\"addenda\":[]", "\"addenda\":[\"00\"]"},
    {"heartbeat", "\"addenda\":[]", "\"addenda\":[0]"},
    {"heartbeat", "\"addenda\":[]", "\"addenda\":{}"},
    {"heartbeat", "\"body\":{", "\"body\":[],\"b\":{"},
    {"keys", "\"role\":\"auditor\"", "\"role\":\"admin\""},
    {"keys", "\"kinds\":[\"plan\"", "\"kinds\":[\"audit\""},
    {"keys", "\"kinds\":[\"plan\"", "\"kinds\":[1"},
    {"keys", "\"kinds\":[\"plan\"", "\"kinds\":[\"a b\""},
    {"keys", "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
     ZERO64},
    {"keys", "\"heartbeat_s\":0", "\"heartbeat_s\":-1"},
    {"keys", "\"from\":0", "\"from\":0,\"to\":1"},
    {"keys", "\"revoked\":[{", "\"revoked\":[[],{"},
    {"inventory", "\"role\":\"database\"", "\"role\":\"\""},
    {"inventory", "\"server\":\"server-a\"", "\"server\":\"server a\""},
    {"plan", "\"rule_count\":7", "\"rule_count\":0"},
    {"plan", "\"date\":\"2026-11-21\"", "\"date\":\"\""},
    {"plan", "\"engines\":[{", "\"engines\":[7,{"},
    {"plan", "\"checkpoint\":{", "\"checkpoint\":{\"origin\":\"x\","},
    {"plan", "\"deadline\":\"2026-11-22", "\"deadline\":\"2026-11-31"},
    {"audit", "\"high\":1", "\"High\":1"},
    {"audit", "\"pass\":2,", ""},
    {"audit", "\"severity\":\"high\"", "\"severity\":\"grave\""},
    {"audit", "\"leaves\":\"ZQ2U", "\"leaves\":\""},
    {"audit", "\"leaves\":\"ZQ2U", "\"leaves\":\"*Q2U"},
    {"audit", "\"leaves\":\"ZQ2U", "\"leaves\":\"\",\"old\":\"ZQ2U"},
    {"audit", "\"collected\":{", "\"collected\":{\"by\":\"x\","},
    {"abandoned", "\"reason\":\"the server was retired\"", "\"reason\":\"\""},
    {"abandoned", "was retired", "was\\trigged"},
    {"disclosure", "\"fixed\":true", "\"fixed\":1"},
    {"disclosure", "\"items\":[", "\"items\":[],\"more\":["},
};

static void strict(void **state)
{
	struct saksi_statement s;

	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++)
		if (bent(malformed[i].name, malformed[i].find, malformed[i].replace,
			 &s) != SAKSI_MALFORMED)
			fail_msg("%s: %s", malformed[i].name, malformed[i].replace);
}

static void newer(void **state)
{
	struct saksi_statement s;

	(void)state;
	CHECK(bent("heartbeat", "urn:saksi:heartbeat:1", "urn:saksi:census:1", &s) ==
	      SAKSI_OK);
	CHECK(s.kind == SAKSI_KIND_OTHER && saksi_bytes_is(s.kind_name, "census"));
	CHECK(bent("heartbeat", "heartbeat:1\",\"predicate\":{\"version\":1",
		   "heartbeat:2\",\"predicate\":{\"new\":{},\"version\":2",
		   &s) == SAKSI_NEWER);
	CHECK(s.kind == SAKSI_KIND_HEARTBEAT && saksi_bytes_is(s.author, "bawaslu"));
	CHECK(s.sequence == 0 && s.time_utc != 0 && s.body == NULL);
	/* Who and which number must be told in every version. */
	CHECK(bent("heartbeat", "heartbeat:1\",\"predicate\":{\"version\":1,\"author\"",
		   "heartbeat:2\",\"predicate\":{\"version\":2,\"writer\"",
		   &s) == SAKSI_MALFORMED);
}

static void bounds(void **state)
{
	static uint8_t out[1 << 17], body[SAKSI_PAYLOAD_MAX + 8];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_buf o = saksi_buf_fixed(out, sizeof(out));
	struct saksi_hash h[SAKSI_ADDENDA_MAX + 1];
	struct saksi_statement s, good;
	struct saksi_bytes none = saksi_bytes_of("{}");

	(void)state;
	CHECK(saksi_statement_read(example("heartbeat"), &a, &good, NULL) == SAKSI_OK);
	memset(h, 0, sizeof(h));
	s = good;
	s.kind = SAKSI_KIND_OTHER;
	CHECK(saksi_statement_write(&s, none, &o) == SAKSI_BADARG);
	s = good;
	s.author = saksi_bytes_of("A");
	CHECK(saksi_statement_write(&s, none, &o) == SAKSI_BADARG);
	s = good;
	s.previous = hash_n(1);
	CHECK(saksi_statement_write(&s, none, &o) == SAKSI_BADARG);
	s = good;
	s.sequence = (uint64_t)INT64_MAX + 1;
	CHECK(saksi_statement_write(&s, none, &o) == SAKSI_BADARG);
	s = good;
	s.time_utc = -1;
	CHECK(saksi_statement_write(&s, none, &o) == SAKSI_BADARG);
	s.time_utc = 253402300800;
	CHECK(saksi_statement_write(&s, none, &o) == SAKSI_BADARG);
	s = good;
	s.subject_name.len = 0;
	CHECK(saksi_statement_write(&s, none, &o) == SAKSI_BADARG);
	s = good;
	s.addenda = h;
	s.addenda_count = SAKSI_ADDENDA_MAX + 1;
	CHECK(saksi_statement_write(&s, none, &o) == SAKSI_BADARG);
	s = good;
	CHECK(saksi_statement_write(&s, (struct saksi_bytes){NULL, 0}, &o) ==
	      SAKSI_BADARG);
	CHECK(o.len == 0);
	s.addenda = h;
	s.addenda_count = SAKSI_ADDENDA_MAX;
	CHECK(saksi_statement_write(&s, none, &o) == SAKSI_OK);
	CHECK(saksi_statement_read(saksi_buf_bytes(&o), &a, &good, NULL) == SAKSI_OK);
	CHECK(good.addenda_count == SAKSI_ADDENDA_MAX);
	memset(body, ' ', sizeof(body));
	body[0] = '{';
	body[sizeof(body) - 1] = '}';
	saksi_buf_clear(&o);
	CHECK(saksi_statement_write(&s, (struct saksi_bytes){body, sizeof(body)}, &o) ==
	      SAKSI_LIMIT);
	CHECK(saksi_statement_read((struct saksi_bytes){body, sizeof(body)}, &a, &s,
				   NULL) == SAKSI_LIMIT);
	o = saksi_buf_fixed(out, 20);
	CHECK(saksi_statement_write(&good, none, &o) == SAKSI_LIMIT);
}

/* A full arena at any point is LIMIT, never another answer. */
static void small_arenas(void **state)
{
	static const char *const kinds[] = {"keys", "audit", "disclosure", "plan"};
	size_t limits = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		for (size_t cap = 0; cap < 12000; cap += 16) {
			struct saksi_arena a = {room, 0, cap};
			struct saksi_statement s;
			struct saksi_audit b;
			enum saksi_err err =
			    saksi_statement_read(example(kinds[i]), &a, &s, NULL);

			if (err == SAKSI_OK && i == 1)
				err = saksi_audit_read(&s, &a, &b, NULL);
			CHECK(err == SAKSI_OK || err == SAKSI_LIMIT);
			limits += err == SAKSI_LIMIT;
		}
	CHECK(limits > 100);
}

static void keys_subject(void **state)
{
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_statement s;
	struct saksi_keys k;
	struct saksi_hash got, want;
	uint8_t both[64];

	(void)state;
	CHECK(saksi_statement_read(example("keys"), &a, &s, NULL) == SAKSI_OK);
	CHECK(saksi_keys_read(&s, &a, &k, NULL) == SAKSI_OK);
	CHECK(k.author_count == 2 && k.authors[0].other_count == 1);
	CHECK(k.authors[1].box[0] == 0xcd && k.authors[1].heartbeat_s == 86400);
	CHECK(k.revoked_count == 1 && k.revoked[0].key[31] == 0xab);
	memcpy(both, k.authors[0].key, 32);
	memcpy(both + 32, k.authors[1].key, 32);
	want = saksi_hash_of((struct saksi_bytes){both, 64});
	got = saksi_keys_subject(&k);
	CHECK(saksi_hash_same(&got, &want));
	CHECK(saksi_hash_same(&got, &s.subject));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(round_trips),  cmocka_unit_test(strict),
	    cmocka_unit_test(newer),        cmocka_unit_test(bounds),
	    cmocka_unit_test(small_arenas), cmocka_unit_test(keys_subject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
