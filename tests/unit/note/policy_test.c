/* Policies, and judging checkpoints by them. */
#include "help.h"

#define NAMES 8
static struct holder witness[NAMES], logs[2];
static const char *vkey[NAMES], *log_vkey[2];

static int setup(void **state)
{
	(void)arena_setup(state);
	for (int i = 0; i < NAMES; i++) {
		char *name = saksi_arena_new(&arena, 16, 1);

		(void)snprintf(name, 16, "w%d.example", i);
		witness[i] = holder_new(name, SAKSI_SIG_COSIGNATURE, (uint8_t)(10 + i));
		vkey[i] = holder_vkey(&witness[i]);
	}
	for (int i = 0; i < 2; i++) {
		logs[i] = holder_new(i ? "log1.example" : "log.example",
				     SAKSI_SIG_ED25519, (uint8_t)(30 + i));
		log_vkey[i] = holder_vkey(&logs[i]);
	}
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < NAMES; i++)
		saksi_signer_free(witness[i].signer);
	for (int i = 0; i < 2; i++)
		saksi_signer_free(logs[i].signer);
	return arena_teardown(state);
}

/* $0..$7 are the witnesses' keys, $L and $M the logs', $P a post-quantum one,
 * $Q another one, $S of type 1 with the key of $0, $T of a type nobody knows. */
static const char *special(char c);

static struct saksi_bytes expand(const char *text)
{
	struct saksi_buf b =
	    saksi_buf_fixed(saksi_arena_new(&arena, 1U << 17, 1), 1U << 17);

	for (; *text != '\0'; text++) {
		if (*text != '$') {
			saksi_buf_put_u8(&b, (uint8_t)*text);
			continue;
		}
		text++;
		saksi_buf_puts(&b, *text == 'L'   ? log_vkey[0]
				   : *text == 'M' ? log_vkey[1]
				   : *text <= '7' ? vkey[*text - '0']
						  : special(*text));
	}
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return saksi_buf_bytes(&b);
}

static const char *typed_key(const char *name, uint8_t type, struct saksi_bytes key)
{
	uint8_t *typed = saksi_arena_new(&arena, key.len + 1, 1);
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&arena, 4096, 1), 4095);
	struct saksi_hash_run run;
	struct saksi_hash h;

	typed[0] = type;
	memcpy(typed + 1, key.at, key.len);
	saksi_hash_begin(&run);
	saksi_hash_more(&run, str(name));
	saksi_hash_more(&run, str("\n"));
	saksi_hash_more(&run, (struct saksi_bytes){typed, key.len + 1});
	h = saksi_hash_end(&run);
	saksi_buf_puts(&b, name);
	saksi_buf_puts(&b, "+");
	saksi_buf_put_hex(&b, (struct saksi_bytes){h.b, 4});
	saksi_buf_puts(&b, "+");
	saksi_buf_put_base64(&b, (struct saksi_bytes){typed, key.len + 1});
	return (const char *)b.at;
}

static const char *special(char c)
{
	static uint8_t large[1312];
	struct saksi_bytes w0 = {witness[0].key.key, SAKSI_KEY_LEN};
	struct saksi_bytes l0 = {logs[0].key.key, SAKSI_KEY_LEN};

	memset(large, c, sizeof(large));
	if (c == 'S')
		return typed_key("other.example", SAKSI_SIG_ED25519, w0);
	if (c == 'T')
		return typed_key("new.example", 0xff, w0);
	if (c == 'C') /* the log's key as a cosigner */
		return typed_key("log.example", SAKSI_SIG_COSIGNATURE, l0);
	if (c == 'R') /* a log that signs post-quantum only */
		return typed_key("log.example", SAKSI_SIG_MLDSA44,
				 (struct saksi_bytes){large, sizeof(large)});
	return typed_key(c == 'P' ? "p.example" : "q.example", SAKSI_SIG_MLDSA44,
			 (struct saksi_bytes){large, sizeof(large)});
}

static struct saksi_policy read_policy(const char *text)
{
	struct saksi_policy p;
	struct saksi_fault f = {.what = ""};

	if (saksi_policy_read(expand(text), &arena, &p, &f) != SAKSI_OK)
		fail_msg("line %u: %s", f.line, f.what);
	return p;
}

/* The example of c2sp.org/tlog-policy, with keys. */
static const char example[] = "log $L\n"
			      "\n"
			      "witness X1 $0\n"
			      "witness X2 $1\n"
			      "witness X3 $2\n"
			      "group X-witnesses 2 X1 X2 X3\n"
			      "\n"
			      "witness Y1 $3\n"
			      "witness Y2 $4\n"
			      "witness Y3 $5\n"
			      "group Y-witnesses any Y1 Y2 Y3\n"
			      "\n"
			      "group X-and-Y all X-witnesses Y-witnesses\n"
			      "quorum X-and-Y\n";

static void test_spec(void **state)
{
	struct saksi_policy p = read_policy(example);

	(void)state;
	assert_int_equal(p.log_count, 1);
	assert_int_equal(p.party_count, 9);
	assert_int_equal(p.quorum, 8);
	assert_int_equal(p.parties[3].k, 2);
	assert_int_equal(p.parties[7].k, 1);
	assert_int_equal(p.parties[8].k, 2);
	for (unsigned set = 0; set < 64; set++) {
		/* The parties 0, 1, 2 are X, 4, 5, 6 are Y. */
		bool has[9] = {set & 1,  set & 2,  set & 4, true, set & 8,
			       set & 16, set & 32, true,    true};
		unsigned x = (set & 1) + (set >> 1 & 1) + (set >> 2 & 1);

		assert_int_equal(saksi_policy_met(&p, has), x >= 2 && set >> 3 != 0);
	}
}

static void test_taken(void **state)
{
	struct saksi_policy p;
	bool has[8] = {true, true, true, true, true, true, true, true};

	(void)state;
	p = read_policy("quorum none\n");
	assert_int_equal(p.quorum, -1);
	assert_true(saksi_policy_met(&p, has));
	p = read_policy(" \t \n# log x\n \t# \xff\xfe\n\tlog \t$L\t \n"
			"witness\ta\t$0\thttps://w.example/ \nquorum a\n");
	assert_int_equal(p.log_count, 1);
	assert_int_equal(p.logs[0].url.len, 0);
	assert_bytes(p.parties[0].url, "https://w.example/");
	p = read_policy("log $L https://\xe6\x97\xa5.example/#x\nquorum none\n");
	assert_bytes(p.logs[0].url, "https://\xe6\x97\xa5.example/#x");
	/* Names are opaque octets; keywords are keywords only in their place. */
	p = read_policy("witness \xe2\x84\xaa $0\nwitness K $1\nwitness k $2\n"
			"witness \xff $3\nwitness #1 $4\nwitness all $5\n"
			"group any 2 \xe2\x84\xaa \xff all\nquorum any\nlog $L\n");
	assert_int_equal(p.parties[6].member_count, 3);
	assert_true(saksi_policy_met(&p, has));
	has[0] = has[3] = false;
	assert_false(saksi_policy_met(&p, has));
	/* One key may be a log's and a witness's; two logs may share an origin. */
	p = read_policy("log $L\nlog $R\nwitness c $C\nquorum c\n");
	assert_int_equal(p.log_count, 2);
}

/* A witness whose key we cannot check is there and never counts. */
static void test_unknown_keys(void **state)
{
	struct saksi_policy p = read_policy("witness p $P\nwitness q $Q\nwitness a $1\n"
					    "witness t $T\ngroup g 2 p q a\n"
					    "quorum g\n");
	bool has[5] = {true, true, true, true, false};

	(void)state;
	assert_false(p.parties[0].known || p.parties[1].known || p.parties[3].known);
	assert_true(p.parties[2].known);
	assert_false(saksi_policy_met(&p, has));
	p = read_policy("witness p $P\nquorum p\n");
	assert_false(saksi_policy_met(&p, has));
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		uint32_t line;
	} bad[] = {
	    {"", 1},
	    {"quorum none", 1},
	    {"log $L\n", 2},
	    {"quorum none\nquorum none\n", 2},
	    {"quorum none\nwitness a $0\nquorum a\n", 3},
	    {"quorum\n", 1},
	    {"quorum none none\n", 1},
	    {"quorum a\nwitness a $0\n", 1},
	    {"quorum a\n", 1},
	    {"Quorum none\n", 1},
	    {"include x\nquorum none\n", 1},
	    {"log\nquorum none\n", 1},
	    {"log $L a b\nquorum none\n", 1},
	    {"log $L\nlog $L\nquorum none\n", 2},
	    {"log $L\nlog $C\nquorum none\n", 2},
	    {"log $R\nlog $R\nquorum none\n", 2},
	    {"log x\nquorum none\n", 1},
	    {"log $L#c\nquorum none\n", 1},
	    {"witness a\nquorum none\n", 1},
	    {"witness a $0 u v\nquorum none\n", 1},
	    {"witness none $0\nquorum none\n", 1},
	    {"witness a $0\nwitness a $1\nquorum none\n", 2},
	    {"witness a $0\nwitness b $0\nquorum none\n", 2},
	    {"witness a $0\nwitness b $T\nquorum none\n", 2},
	    {"witness a $P\nwitness b $P\nquorum none\n", 2},
	    {"witness a $S\nquorum none\n", 1}, /* a key for notes */
	    {"witness a $L\nquorum none\n", 1},
	    {"group g any\nquorum none\n", 1},
	    {"group g\nquorum none\n", 1},
	    {"group g any a\nwitness a $0\nquorum g\n", 1},
	    {"group g any g\nquorum g\n", 1},
	    {"group g any none\nquorum g\n", 1},
	    {"witness a $0\ngroup none any a\nquorum none\n", 2},
	    {"witness a $0\ngroup a any a\nquorum a\n", 2},
	    {"witness a $0\ngroup g 0 a\nquorum g\n", 2},
	    {"witness a $0\ngroup g 2 a\nquorum g\n", 2},
	    {"witness a $0\ngroup g 4294967297 a\nquorum g\n", 2},
	    {"witness a $0\ngroup g 01 a\nquorum g\n", 2},
	    {"witness a $0\ngroup g +1 a\nquorum g\n", 2},
	    {"witness a $0\ngroup g All a\nquorum g\n", 2},
	    {"witness a $0\ngroup g any a a\nquorum g\n", 2},
	    {"witness a $0\ngroup g any a\ngroup h any a\nquorum h\n", 3},
	    {"witness a $0\ngroup g any a\ngroup h any g\ngroup i any g\nquorum h\n",
	     4},
	    {"# \x01\nquorum none\n", 1},
	    {"quorum none\n#\x7f\n", 2},
	    {"quorum none\r\n", 1},
	    {"quorum none\n\v\n", 2},
	    {"quorum none\n#", 2},
	    {"quorum none\n ", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct saksi_policy p = {.quorum = 55};
		struct saksi_fault f = {.line = 99};
		enum saksi_err err =
		    saksi_policy_read(expand(bad[i].text), &arena, &p, &f);

		if (err != SAKSI_MALFORMED || f.line != bad[i].line)
			fail_msg("case %zu: %d, line %u", i, err, f.line);
		assert_int_equal(p.quorum, 55);
	}
	struct saksi_policy p;

	assert_int_equal(
	    saksi_policy_read(
		(struct saksi_bytes){(const uint8_t *)"#\0\nquorum none\n", 15}, &arena,
		&p, NULL),
	    SAKSI_MALFORMED);
}

/* `count` lines "witness wN <key N>", or logs. */
static void put_many(struct saksi_buf *b, const char *kind, uint8_t type,
		     unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		uint8_t key[SAKSI_KEY_LEN] = {(uint8_t)i, (uint8_t)(i >> 8), type};

		saksi_buf_printf(b, "%s ", kind);
		if (type == SAKSI_SIG_COSIGNATURE)
			saksi_buf_printf(b, "w%u ", i);
		saksi_buf_printf(b, "%s\n",
				 typed_key("k.example", type,
					   (struct saksi_bytes){key, sizeof(key)}));
	}
}

static void test_limits(void **state)
{
	(void)state;
	for (int over = 0; over < 4; over++) {
		struct saksi_buf b =
		    saksi_buf_fixed(saksi_arena_new(&arena, 1U << 18, 1), 1U << 18);
		enum saksi_err want = over == 0 ? SAKSI_OK : SAKSI_LIMIT;
		struct saksi_policy p;

		put_many(&b, "log", SAKSI_SIG_ED25519, 256 + (over == 1));
		put_many(&b, "witness", SAKSI_SIG_COSIGNATURE, 256 + (over == 2));
		for (int i = 0; i < 256 + (over == 3); i++)
			saksi_buf_printf(&b, "group g%d any %c%d\n", i, i ? 'g' : 'w',
					 i ? i - 1 : 0);
		saksi_buf_puts(&b, "quorum g255\n");
		assert_int_equal(
		    saksi_policy_read(saksi_buf_bytes(&b), &arena, &p, NULL), want);
		if (over != 0)
			continue;
		assert_int_equal(p.log_count, 256);
		assert_int_equal(p.party_count, 512);
		bool has[512] = {true};

		assert_true(saksi_policy_met(&p, has));
		has[0] = false;
		has[1] = true;
		assert_false(saksi_policy_met(&p, has));
	}
}

static void test_little_memory(void **state)
{
	struct saksi_bytes text = expand(example);
	uint8_t *room = saksi_arena_new(&arena, 16384, 1);
	size_t cap = 0;

	(void)state;
	for (;; cap += 64) {
		struct saksi_arena small = {room, 0, cap};
		struct saksi_policy p;
		enum saksi_err err = saksi_policy_read(text, &small, &p, NULL);

		if (err == SAKSI_OK)
			break;
		assert_int_equal(err, SAKSI_NOMEM);
	}
	assert_true(cap > 64 && cap < 16384);
}

/* The definition, from the top down. */
static bool slow_met(const struct saksi_policy *p, uint32_t party, unsigned set)
{
	const struct saksi_policy_party *q = &p->parties[party];
	uint32_t count = 0;

	if (!q->is_group)
		return (set >> (q->name.at[0] - 'a') & 1) != 0;
	for (uint32_t i = 0; i < q->member_count; i++)
		count += slow_met(p, q->members[i], set);
	return count >= q->k;
}

/* Random trees of groups over eight witnesses, all 256 subsets of each. */
static void test_quorums(void **state)
{
	unsigned seed = 3;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct saksi_buf b =
		    saksi_buf_fixed(saksi_arena_new(&arena, 8192, 1), 8191);
		char names[2 * NAMES] = "abcdefgh";
		size_t left = NAMES;
		char group = 'A';
		struct saksi_policy p;

		for (int i = 0; i < NAMES; i++)
			saksi_buf_printf(&b, "witness %c $%d\n", 'a' + i, i);
		while (left > 1) {
			size_t n = 1 + (size_t)rand_r(&seed) % left;
			size_t k = 1 + (size_t)rand_r(&seed) % n;

			saksi_buf_printf(&b, "group %c %zu", group, k);
			while (n-- > 0) {
				size_t i = (size_t)rand_r(&seed) % left;

				saksi_buf_printf(&b, " %c", names[i]);
				names[i] = names[--left];
			}
			saksi_buf_puts(&b, "\n");
			names[left++] = group++;
			if (group > 'L')
				break;
		}
		saksi_buf_printf(&b, "quorum %c\n", group - 1);
		p = read_policy((const char *)b.at);
		for (unsigned set = 0; set < 256; set++) {
			bool has[32] = {false};

			for (int i = 0; i < NAMES; i++)
				has[i] = (set >> i & 1) != 0;
			assert_int_equal(saksi_policy_met(&p, has),
					 slow_met(&p, (uint32_t)p.quorum, set));
		}
	}
}

/* ---- judging */

static const char point[] = "log.example\n5\n"
			    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

/* Signed by the log when `by_log`, cosigned by the set of witnesses, witness i
 * at times[i]. */
static struct saksi_bytes cosigned(bool by_log, unsigned set, const uint64_t *times)
{
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&arena, 4096, 1), 4096);

	saksi_buf_puts(&b, point);
	saksi_buf_puts(&b, "\n");
	saksi_note_sign(str(point), &logs[1].key, logs[1].signer, &b); /* a stranger */
	if (by_log)
		saksi_note_sign(str(point), &logs[0].key, logs[0].signer, &b);
	for (int i = 0; i < NAMES; i++)
		if ((set >> i & 1) != 0)
			saksi_note_cosign(str(point), times[i], &witness[i].key,
					  witness[i].signer, &b);
	assert_int_equal(saksi_buf_check(&b), SAKSI_OK);
	return saksi_buf_bytes(&b);
}

static enum saksi_err judge(const struct saksi_policy *p, struct saksi_bytes note,
			    struct saksi_judged *j)
{
	SAKSI_TRY(saksi_judge_prepare(p, note, &arena, j, NULL));
	for (size_t i = 0; i < j->signer_count; i++)
		saksi_sigchecks_run(&j->signers[i].check, 1);
	return saksi_judge_conclude(p, j);
}

/* The largest T such that those of T or later meet the quorum, by trying. */
static uint64_t slow_newest(unsigned set, const uint64_t *times)
{
	for (uint64_t t = 120; t > 0; t--) {
		unsigned x = 0, y = 0;

		for (int i = 0; i < 6; i++)
			if ((set >> i & 1) != 0 && times[i] >= t)
				*(i < 3 ? &x : &y) += 1;
		if (x >= 2 && y >= 1)
			return t;
	}
	return 0;
}

static void test_judge(void **state)
{
	static const uint64_t times[2][NAMES] = {
	    {100, 110, 120, 90, 115, 105, 119, 120}, {7, 7, 3, 120, 1, 2, 120, 120}};
	struct saksi_policy p = read_policy(example);

	(void)state;
	for (unsigned set = 0; set < 256; set += set < 64 ? 1 : 17)
		for (int t = 0; t < 2; t++) {
			size_t mark = arena.used;
			uint64_t newest = slow_newest(set, times[t]);
			struct saksi_judged j;
			enum saksi_err err =
			    judge(&p, cosigned(true, set, times[t]), &j);

			assert_int_equal(err, newest > 0 ? SAKSI_OK : SAKSI_QUORUM);
			assert_true(j.newest_utc == newest);
			assert_int_equal(j.signer_count,
					 1 + __builtin_popcount(set & 63));
			assert_ptr_equal(j.log, &p.logs[0]);
			assert_true(j.point.size == 5);
			saksi_arena_rewind(&arena, mark);
		}
}

static const uint64_t now[NAMES] = {50, 51, 52, 53, 54, 55, 56, 57};

static void test_judge_nobody_asked(void **state)
{
	struct saksi_policy p = read_policy("log $L\nwitness a $0\nquorum none\n");
	struct saksi_judged j;

	(void)state;
	assert_int_equal(judge(&p, cosigned(true, 0, now), &j), SAKSI_OK);
	assert_true(j.newest_utc == 0);
	assert_int_equal(judge(&p, cosigned(true, 1, now), &j), SAKSI_OK);
	assert_true(j.newest_utc == 0);
}

static void test_judge_refused(void **state)
{
	struct saksi_policy p = read_policy(example), other, pq, both;
	struct saksi_judged j = {.newest_utc = 55};
	struct saksi_fault f = {.what = NULL};

	(void)state;
	assert_int_equal(
	    saksi_judge_prepare(&p, cosigned(false, 63, now), &arena, &j, &f),
	    SAKSI_REFUSED);
	other = read_policy("log $M\nquorum none\n");
	assert_int_equal(
	    saksi_judge_prepare(&other, cosigned(true, 63, now), &arena, &j, &f),
	    SAKSI_MISSING);
	assert_int_equal(saksi_judge_prepare(&p, str("x\n"), &arena, &j, &f),
			 SAKSI_MALFORMED);
	assert_int_equal(saksi_judge_prepare(&p, str("x\n\n\xe2\x80\x94 x AAAAAAAA\n"),
					     &arena, &j, &f),
			 SAKSI_MALFORMED);
	/* The log signed with a key of a type that is newer than this program;
	 * without a line of its own it just did not sign. */
	pq = read_policy("log $R\nquorum none\n");
	both = read_policy("log $R\nlog $L\nquorum none\n");
	assert_int_equal(
	    saksi_judge_prepare(&pq, cosigned(true, 0, now), &arena, &j, &f),
	    SAKSI_REFUSED);
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&arena, 8192, 1), 8192);

	saksi_buf_put(&b, cosigned(false, 0, now));
	uint8_t sig[2428] = {0};

	saksi_note_sig_write(&pq.logs[0].key, (struct saksi_bytes){sig, sizeof(sig)},
			     &b);
	assert_int_equal(saksi_judge_prepare(&pq, saksi_buf_bytes(&b), &arena, &j, &f),
			 SAKSI_NEWER);
	assert_int_equal(
	    saksi_judge_prepare(&both, saksi_buf_bytes(&b), &arena, &j, &f),
	    SAKSI_NEWER);
	assert_true(j.newest_utc == 55);
	saksi_note_sign(str(point), &logs[0].key, logs[0].signer, &b);
	assert_int_equal(judge(&both, saksi_buf_bytes(&b), &j), SAKSI_OK);
	assert_ptr_equal(j.log, &both.logs[1]);
}

/* A known key's bad line makes the whole note false, quorum or not. */
static void test_judge_bad_lines(void **state)
{
	struct saksi_policy p = read_policy(example);
	struct saksi_judged j;
	uint8_t sig[72] = {0, 0, 0, 0, 0, 0, 0, 9};

	(void)state;
	for (int who = -1; who < 6; who++)
		for (size_t len = 64; len <= 72; len += 4) {
			struct saksi_buf b =
			    saksi_buf_fixed(saksi_arena_new(&arena, 4096, 1), 4096);
			unsigned rest = 63 & ~(who < 0 ? 0 : 1U << who);

			saksi_buf_put(&b, cosigned(who >= 0, rest, now));
			saksi_note_sig_write(who < 0 ? &logs[0].key : &witness[who].key,
					     (struct saksi_bytes){sig, len}, &b);
			assert_int_equal(judge(&p, saksi_buf_bytes(&b), &j),
					 SAKSI_REFUSED);
			assert_true(j.newest_utc == 0);
		}
	/* The same cosigner twice, both good. */
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&arena, 4096, 1), 4096);

	saksi_buf_put(&b, cosigned(true, 63, now));
	saksi_note_cosign(str(point), 99, &witness[0].key, witness[0].signer, &b);
	assert_int_equal(judge(&p, saksi_buf_bytes(&b), &j), SAKSI_REFUSED);
}

/* UNCHECKED is never good. */
static void test_judge_unchecked(void **state)
{
	struct saksi_policy p = read_policy(example);
	struct saksi_judged j;

	(void)state;
	assert_int_equal(
	    saksi_judge_prepare(&p, cosigned(true, 63, now), &arena, &j, NULL),
	    SAKSI_OK);
	assert_int_equal(saksi_judge_conclude(&p, &j), SAKSI_MISSING);
	for (size_t open = 0; open < j.signer_count; open++) {
		for (size_t i = 0; i < j.signer_count; i++)
			j.signers[i].check.answer =
			    i == open ? SAKSI_SIG_UNCHECKED : SAKSI_SIG_GOOD;
		assert_int_equal(saksi_judge_conclude(&p, &j), SAKSI_MISSING);
		assert_true(j.newest_utc == 0);
		j.signers[open].check.answer = SAKSI_SIG_BAD;
		assert_int_equal(saksi_judge_conclude(&p, &j), SAKSI_REFUSED);
		j.signers[open].check.answer = SAKSI_SIG_GOOD;
		assert_int_equal(saksi_judge_conclude(&p, &j), SAKSI_OK);
	}
	/* Nobody at all is not the log. */
	j.signer_count = 0;
	p = read_policy("log $L\nquorum none\n");
	assert_int_equal(saksi_judge_conclude(&p, &j), SAKSI_REFUSED);
}

/* A log that signs as a cosigner (type 4) is a log all the same. */
static void test_judge_cosigning_log(void **state)
{
	struct saksi_policy p = read_policy("log $C\nquorum none\n");
	struct holder h = holder_new("log.example", SAKSI_SIG_COSIGNATURE, 30);
	struct saksi_buf b = saksi_buf_fixed(saksi_arena_new(&arena, 4096, 1), 4096);
	struct saksi_judged j;

	(void)state;
	saksi_buf_puts(&b, point);
	saksi_buf_puts(&b, "\n");
	saksi_note_cosign(str(point), 77, &h.key, h.signer, &b);
	assert_int_equal(judge(&p, saksi_buf_bytes(&b), &j), SAKSI_OK);
	assert_int_equal(j.signers[0].party, -1);
	saksi_signer_free(h.signer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spec),
	    cmocka_unit_test(test_taken),
	    cmocka_unit_test(test_unknown_keys),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_little_memory),
	    cmocka_unit_test(test_quorums),
	    cmocka_unit_test(test_judge),
	    cmocka_unit_test(test_judge_nobody_asked),
	    cmocka_unit_test(test_judge_refused),
	    cmocka_unit_test(test_judge_bad_lines),
	    cmocka_unit_test(test_judge_unchecked),
	    cmocka_unit_test(test_judge_cosigning_log),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
