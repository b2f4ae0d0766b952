/* rooms: base crypto merkle note
 *
 * witness_load vkeys LOGS                      the logs' vkeys, one a line
 * witness_load run HOST PORT LOGS STEPS MS VKEY
 *     Each log grows by valid consistency proofs, one request after the other over a
 *     connection of its own, until STEPS are answered or MS have passed; all requests
 *     are made before the clock starts.  Then the last answer of every log is checked
 *     to be a good cosignature by VKEY.  Writes
 *     "answers N seconds S rate R p50_ms A p99_ms B pushed_back N"; what was pushed
 *     back (429) is asked again at once.
 *
 * Keys come from a fixed seed: they are worth nothing and protect nothing. */
#include "bench.h"

#include "merkle/tree.h"
#include "note/addcheckpoint.h"
#include "note/checkpoint.h"
#include "note/note.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROWS_BY 7
#define ROOM 8192
#define LATENCIES 4000000

struct request {
	uint8_t *at;
	size_t len;
	struct saksi_bytes text; /* of the checkpoint, within it */
};
struct log {
	struct saksi_signer *signer;
	struct saksi_vkey key;
	char name[64];
	struct request *steps;
	size_t step; /* being asked */
	int fd;
	size_t sent, got, body_at, body_len;
	double asked;
	char answer[ROOM];
};

static struct log *logs;
static size_t log_count, step_count, answers, pushed_back;
static double *latency;

/* ---- one tree for all logs; only names and keys differ */

static struct saksi_hash *leaves, *above; /* of level 0 and level 1 of the tiles */

static enum saksi_err read_tile(void *ctx, const struct saksi_tile *t,
				struct saksi_hash *out)
{
	const struct saksi_hash *from = t->level == 0 ? leaves : above;

	(void)ctx;
	if (t->level > 1)
		return SAKSI_MISSING;
	memcpy(out, from + t->index * SAKSI_TILE_WIDTH, t->width * sizeof *out);
	return SAKSI_OK;
}

static void make_tree(uint64_t size)
{
	struct saksi_hash below[SAKSI_TILE_WIDTH];

	leaves = calloc(size + 1, sizeof *leaves);
	above = calloc(size / SAKSI_TILE_WIDTH + 1, sizeof *above);
	if (leaves == NULL || above == NULL)
		bench_fail("out of memory");
	for (uint64_t i = 0; i < size; i++)
		leaves[i] = saksi_hash_leaf((struct saksi_bytes){(uint8_t *)&i, 8});
	for (uint64_t i = 0; i < size / SAKSI_TILE_WIDTH; i++) {
		memcpy(below, leaves + i * SAKSI_TILE_WIDTH, sizeof below);
		above[i] = saksi_tree_root_of(below, SAKSI_TILE_WIDTH);
	}
}

/* ---- requests */

static void make_log(struct log *l, size_t i)
{
	uint8_t key[SAKSI_KEY_LEN];
	struct saksi_hash seed;

	(void)snprintf(l->name, sizeof l->name, "bench.example/log/%zu", i);
	seed = saksi_hash_of(saksi_bytes_of(l->name));
	l->signer = saksi_signer_from_seed(seed.b);
	if (l->signer == NULL)
		bench_fail("out of memory");
	saksi_signer_public(l->signer, key);
	if (saksi_vkey_make(saksi_bytes_of(l->name), SAKSI_SIG_ED25519, key, &l->key) !=
	    SAKSI_OK)
		bench_fail("no key");
}

static void make_request(struct log *l, const struct saksi_checkpoint *p,
			 const struct saksi_consistency *c, struct request *out)
{
	char text_room[1024], note_room[2048], body_room[ROOM], room[ROOM];
	struct saksi_buf text = saksi_buf_fixed(text_room, sizeof text_room);
	struct saksi_buf note = saksi_buf_fixed(note_room, sizeof note_room);
	struct saksi_buf body = saksi_buf_fixed(body_room, sizeof body_room);
	struct saksi_buf all = saksi_buf_fixed(room, sizeof room);

	saksi_checkpoint_write(p, &text);
	saksi_buf_put(&note, saksi_buf_bytes(&text));
	saksi_buf_puts(&note, "\n");
	saksi_note_sign(saksi_buf_bytes(&text), &l->key, l->signer, &note);
	saksi_addcheckpoint_write(&(struct saksi_addcheckpoint){c->size1, c->path,
								c->path_count,
								saksi_buf_bytes(&note)},
				  &body);
	saksi_buf_puts(&all, "POST /add-checkpoint HTTP/1.1\r\nHost: bench\r\n"
			     "Content-Length: ");
	saksi_buf_put_decimal(&all, body.len);
	saksi_buf_puts(&all, "\r\n\r\n");
	saksi_buf_put(&all, saksi_buf_bytes(&body));
	if (saksi_buf_check(&all) != SAKSI_OK || body.full || note.full)
		bench_fail("a request is too large");
	out->len = all.len;
	out->at = malloc(all.len);
	if (out->at == NULL)
		bench_fail("out of memory");
	memcpy(out->at, all.at, all.len);
	out->text = (struct saksi_bytes){out->at + all.len - note.len, text.len};
}

static void make_requests(void)
{
	struct saksi_tiles tiles = {NULL, read_tile};
	struct saksi_hash path[SAKSI_PATH_MAX];
	struct saksi_consistency c = {0};
	struct saksi_edge e;

	make_tree(step_count * GROWS_BY);
	saksi_edge_begin(&e);
	for (size_t s = 0; s < step_count; s++) {
		struct saksi_checkpoint p = {.size = e.size + GROWS_BY};

		if (saksi_edge_add_many(&e, leaves + e.size, GROWS_BY) != SAKSI_OK)
			bench_fail("no tree");
		p.root = saksi_edge_root(&e);
		if (saksi_consistency_prove(&tiles, s * GROWS_BY, p.size, &p.root, &c,
					    path) != SAKSI_OK)
			bench_fail("no proof");
		for (size_t i = 0; i < log_count; i++) {
			p.origin = logs[i].key.name;
			make_request(&logs[i], &p, &c, &logs[i].steps[s]);
		}
	}
}

/* ---- asking */

static int epoll;

static void connect_to(struct log *l, const struct sockaddr_in *to)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = l};
	int one = 1;

	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || connect(l->fd, (const struct sockaddr *)to, sizeof *to) != 0 ||
	    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &e) != 0)
		bench_fail("the witness cannot be reached");
}

/* Requests are shorter than any socket's buffer: one write takes all. */
static void ask(struct log *l)
{
	const struct request *q = &l->steps[l->step];

	l->got = 0;
	l->asked = bench_now();
	if (write(l->fd, q->at, q->len) != (ssize_t)q->len)
		bench_fail("a request cannot be sent");
}

static void bad_answer(const struct log *l)
{
	(void)fprintf(stderr, "log %s, step %zu: %.*s\n", l->name, l->step, (int)l->got,
		      l->answer);
	bench_fail("not a good answer");
}

/* Is the answer whole?  Then where its body is. */
static bool whole(struct log *l)
{
	const char *end, *length;

	l->answer[l->got] = '\0';
	end = strstr(l->answer, "\r\n\r\n");
	if (end == NULL)
		return false;
	length = strcasestr(l->answer, "\r\nContent-Length:");
	if (length == NULL || length > end)
		bad_answer(l);
	l->body_at = (size_t)(end + 4 - l->answer);
	l->body_len = strtoul(length + 17, NULL, 10);
	if (l->body_at + l->body_len >= ROOM)
		bad_answer(l);
	return l->got >= l->body_at + l->body_len;
}

static void hear(struct log *l)
{
	ssize_t n = read(l->fd, l->answer + l->got, ROOM - 1 - l->got);

	if (n <= 0)
		bad_answer(l);
	l->got += (size_t)n;
	if (!whole(l))
		return;
	if (strncmp(l->answer, "HTTP/1.1 429", 12) == 0) {
		pushed_back++;
		ask(l);
		return;
	}
	if (strncmp(l->answer, "HTTP/1.1 200", 12) != 0)
		bad_answer(l);
	if (answers < LATENCIES)
		latency[answers] = bench_now() - l->asked;
	answers++;
	if (++l->step < step_count)
		ask(l);
}

static double run(double seconds)
{
	struct epoll_event ready[256];
	double began = bench_now(), took;

	for (size_t i = 0; i < log_count; i++)
		ask(&logs[i]);
	do {
		int n = epoll_wait(epoll, ready, 256, 100);

		for (int i = 0; i < n; i++)
			hear(ready[i].data.ptr);
		took = bench_now() - began;
	} while (took < seconds && answers < log_count * step_count);
	return took;
}

/* ---- afterwards */

static bool cosigned(const struct log *l, const struct saksi_vkey *by)
{
	uint8_t room[1 << 16];
	struct saksi_arena a = {room, 0, sizeof room};
	struct saksi_buf b = saksi_buf_fixed((uint8_t[2 *ROOM]){0}, 2 * ROOM);
	struct saksi_sigcheck check;
	struct saksi_note n;
	uint64_t when;

	saksi_buf_put(&b, l->steps[l->step - 1].text);
	saksi_buf_puts(&b, "\n");
	saksi_buf_put(&b, (struct saksi_bytes){(const uint8_t *)l->answer + l->body_at,
					       l->body_len});
	if (saksi_note_read(saksi_buf_bytes(&b), &a, &n, NULL) != SAKSI_OK ||
	    saksi_note_check_for(&n, by, &a, &check, &when) != SAKSI_OK)
		return false;
	saksi_sigchecks_run(&check, 1);
	return check.answer == SAKSI_SIG_GOOD;
}

static void check_answers(const char *vkey)
{
	struct saksi_vkey by;
	size_t good = 0;

	if (saksi_vkey_read(saksi_bytes_of(vkey), &by, NULL) != SAKSI_OK)
		bench_fail("no vkey of a witness");
	for (size_t i = 0; i < log_count; i++) {
		struct log *l = &logs[i];

		/* The last whole answer is gone when a part of the next one came. */
		if (l->step == 0 || (l->got > 0 && l->got < l->body_at + l->body_len) ||
		    strncmp(l->answer, "HTTP/1.1 200", 12) != 0)
			continue;
		if (!cosigned(l, &by))
			bad_answer(l);
		good++;
	}
	if (good == 0)
		bench_fail("no answer could be checked");
}

static void vkeys(void)
{
	char room[512];

	for (size_t i = 0; i < log_count; i++) {
		struct saksi_buf b = saksi_buf_fixed(room, sizeof room);

		saksi_vkey_write(&logs[i].key, &b);
		printf("%.*s\n", (int)b.len, room);
	}
}

static void measure(char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	double took;

	to.sin_port = htons((uint16_t)atoi(argv[3]));
	step_count = strtoul(argv[5], NULL, 10);
	latency = calloc(LATENCIES, sizeof *latency);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (inet_pton(AF_INET, argv[2], &to.sin_addr) != 1 || step_count == 0 ||
	    latency == NULL || epoll < 0)
		bench_fail("usage: witness_load run HOST PORT LOGS STEPS MS VKEY");
	for (size_t i = 0; i < log_count; i++) {
		logs[i].steps = calloc(step_count, sizeof *logs[i].steps);
		if (logs[i].steps == NULL)
			bench_fail("out of memory");
	}
	make_requests();
	for (size_t i = 0; i < log_count; i++)
		connect_to(&logs[i], &to);
	took = run(atof(argv[6]) / 1e3);
	check_answers(argv[7]);
	size_t n = answers < LATENCIES ? answers : LATENCIES;
	qsort(latency, n, sizeof *latency, bench_order);
	printf("answers %zu seconds %.3f rate %.1f p50_ms %.2f p99_ms %.2f "
	       "pushed_back %zu\n",
	       answers, took, (double)answers / took, latency[n / 2] * 1e3,
	       latency[n * 99 / 100] * 1e3, pushed_back);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "vkeys") == 0)
		log_count = strtoul(argv[2], NULL, 10);
	else if (argc == 8 && strcmp(argv[1], "run") == 0)
		log_count = strtoul(argv[4], NULL, 10);
	if (log_count == 0 || saksi_crypto_begin() != SAKSI_OK)
		bench_fail("usage: witness_load vkeys LOGS | run HOST PORT LOGS STEPS "
			   "MS VKEY");
	logs = calloc(log_count, sizeof *logs);
	if (logs == NULL)
		bench_fail("out of memory");
	for (size_t i = 0; i < log_count; i++)
		make_log(&logs[i], i);
	if (argc == 3)
		vkeys();
	else
		measure(argv);
	return 0;
}
