/* rooms: base crypto merkle note statement ledger verify store net log */
/* What a witness answers: the first byte is its status, then its answer and, after
 * the byte 0x1c, what it answers when asked once more.  Only its own cosignature
 * over just this checkpoint makes a quorum. */
#include "answering.h"
#include "log/cosign.h"

#include "note/checkpoint.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LEAVES = 5, NOW = 1800000000 };

static struct saksi_hash leaves[LEAVES];
static struct saksi_signer *log_signer, *witness_signer;
static struct saksi_vkey log_key, witness_key;
static uint8_t note_room[1024], policy_room[1U << 20];
static struct saksi_arena policy_arena = {policy_room, 0, sizeof(policy_room)};
static struct saksi_buf note;
static struct saksi_policy policy;
static struct saksi_checkpoint point;

static enum saksi_err read_tile(void *ctx, const struct saksi_tile *t,
				struct saksi_hash *out)
{
	(void)ctx;
	if (t->level != 0 || t->index != 0 || t->width > LEAVES)
		return SAKSI_MISSING;
	memcpy(out, leaves, t->width * sizeof(*out));
	return SAKSI_OK;
}

static void make_key(const char *name, uint8_t seed, uint8_t type,
		     struct saksi_signer **signer, struct saksi_vkey *key)
{
	uint8_t bytes[SAKSI_SEED_LEN], public[SAKSI_KEY_LEN];

	memset(bytes, seed, sizeof(bytes));
	*signer = saksi_signer_from_seed(bytes);
	if (*signer == NULL)
		abort();
	saksi_signer_public(*signer, public);
	if (saksi_vkey_make(saksi_bytes_of(name), type, public, key) != SAKSI_OK)
		abort();
}

static void make_note(void)
{
	struct saksi_hash scratch[LEAVES];
	uint8_t room[512];
	struct saksi_buf text = saksi_buf_fixed(room, sizeof(room));

	for (uint8_t i = 0; i < LEAVES; i++)
		leaves[i] = saksi_hash_leaf((struct saksi_bytes){&i, 1});
	memcpy(scratch, leaves, sizeof(scratch));
	point = (struct saksi_checkpoint){.origin = log_key.name,
					  .size = LEAVES,
					  .root = saksi_tree_root_of(scratch, LEAVES)};
	saksi_checkpoint_write(&point, &text);
	note = saksi_buf_fixed(note_room, sizeof(note_room));
	saksi_buf_put(&note, saksi_buf_bytes(&text));
	saksi_buf_puts(&note, "\n");
	saksi_note_sign(saksi_buf_bytes(&text), &log_key, log_signer, &note);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct saksi_buf text = saksi_buf_growing(4096);

	(void)argc;
	(void)argv;
	if (saksi_crypto_begin() != SAKSI_OK)
		return -1;
	make_key("log.example", 1, SAKSI_SIG_ED25519, &log_signer, &log_key);
	make_key("w.example", 2, SAKSI_SIG_COSIGNATURE, &witness_signer, &witness_key);
	make_note();
	answer_with(NULL, 0, NULL, 0);
	saksi_buf_puts(&text, "log ");
	saksi_vkey_write(&log_key, &text);
	saksi_buf_puts(&text, "\nwitness w ");
	saksi_vkey_write(&witness_key, &text);
	saksi_buf_printf(&text, " http://127.0.0.1:%u/\nquorum w\n", answering.port);
	return saksi_policy_read(saksi_buf_bytes(&text), &policy_arena, &policy,
				 NULL) == SAKSI_OK
		   ? 0
		   : -1;
}

/* Is there a good line of the witness over the note as it was sent? */
static void is_cosigned(const struct saksi_buf *out)
{
	static uint8_t room[1U << 20];
	struct saksi_arena a = {room, 0, sizeof(room)};
	struct saksi_sigcheck check;
	struct saksi_note n;
	uint64_t when;

	if (out->len < note.len || memcmp(out->at, note.at, note.len) != 0 ||
	    saksi_note_read(saksi_buf_bytes(out), &a, &n, NULL) != SAKSI_OK ||
	    saksi_note_check_for(&n, &witness_key, &a, &check, &when) != SAKSI_OK)
		abort();
	saksi_sigchecks_run(&check, 1);
	if (check.answer != SAKSI_SIG_GOOD || when < NOW - 600 || when > NOW + 600)
		abort();
}

static size_t answer(uint8_t status, struct saksi_bytes body, uint8_t *out, size_t cap)
{
	static const char *const says[] = {"200 OK", "409 Conflict", "422 No",
					   "403 No", "404 No",       "429 Later",
					   "503 No", "500 No"};
	struct saksi_buf b = saksi_buf_fixed(out, cap);

	saksi_buf_puts(&b, "HTTP/1.1 ");
	saksi_buf_puts(&b, says[status % 8]);
	saksi_buf_puts(&b, "\r\nConnection: close\r\nContent-Length: ");
	saksi_buf_put_decimal(&b, body.len);
	saksi_buf_puts(&b, "\r\n\r\n");
	saksi_buf_put(&b, body);
	return b.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct saksi_tiles tiles = {NULL, read_tile};
	static uint8_t first[70000], second[70000];
	struct saksi_voice voices[SAKSI_POLICY_MAX];
	struct saksi_cosign *s;
	struct saksi_buf out = saksi_buf_growing(1U << 20);

	if (size < 1 || size > 65536)
		return 0;
	struct saksi_bytes one = {data + 1, size - 1}, two = one;
	const uint8_t *mark = size > 1 ? memchr(data + 1, 0x1c, size - 1) : NULL;
	if (mark != NULL) {
		one.len = (size_t)(mark - one.at);
		two = (struct saksi_bytes){mark + 1, size - 2 - one.len};
	}
	/* A stranger to the answers of before: nothing is remembered. */
	if (saksi_cosign_new(&s) != SAKSI_OK)
		abort();
	answer_with(first, answer(data[0], one, first, sizeof(first)), second,
		    answer((uint8_t)(data[0] / 8), two, second, sizeof(second)));
	const struct saksi_cosign_ask ask = {.policy = &policy,
					     .signed_note = saksi_buf_bytes(&note),
					     .size = point.size,
					     .root = point.root,
					     .tiles = &tiles,
					     .now_utc = NOW,
					     .timeout_ms = 2000,
					     .voices = voices};
	const enum saksi_err err = saksi_cosign_collect(s, &ask, &out, NULL);
	if (err == SAKSI_OK)
		is_cosigned(&out);
	else if (err != SAKSI_QUORUM || out.len != 0)
		abort();
	if (voices[0].kind == SAKSI_VOICE_LATE ||
	    memchr(voices[0].says, '\0', sizeof(voices[0].says)) == NULL)
		abort();
	saksi_cosign_free(s);
	saksi_buf_free(&out);
	return 0;
}
