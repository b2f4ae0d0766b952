/* rooms: base crypto merkle note statement ledger verify store net follow
 *
 * root_bench tiles|entries PUBLIC THREADS: the root of a log's public folder, from its
 * tiles or from its entry bundles, as saksi verify --full derives it: "root HEX seconds
 * S", by the clock on the wall.  0 threads: none ahead of the one that asks. */
#include "bench.h"

#include "base/text.h"
#include "follow/ahead.h"
#include "follow/open.h"
#include "note/checkpoint.h"
#include "verify/verify.h"

static void read_point(struct saksi_source *s, struct saksi_buf *text,
		       struct saksi_checkpoint *out)
{
	struct saksi_bytes signed_part;
	const uint8_t *end;

	if (s->get(s->ctx, "checkpoint", text) != SAKSI_OK)
		bench_fail("no checkpoint");
	end = memmem(text->at, text->len, "\n\n", 2);
	if (end == NULL)
		bench_fail("no note");
	signed_part = (struct saksi_bytes){text->at, (size_t)(end - text->at) + 1};
	if (saksi_checkpoint_read(signed_part, out, NULL) != SAKSI_OK)
		bench_fail("the checkpoint cannot be read");
}

int main(int argc, char **argv)
{
	struct saksi_buf text = saksi_buf_growing(1U << 20);
	struct saksi_judged j = {0};
	struct saksi_rederive r = {.ahead = saksi_ahead_root};
	struct saksi_place *place;
	struct saksi_ahead *ahead;
	char hex[2 * SAKSI_HASH_LEN + 1];

	if (argc != 4 || saksi_place_open(argv[2], &place, NULL) != SAKSI_OK)
		bench_fail("usage: root_bench tiles|entries PUBLIC THREADS");
	r.source = saksi_place_source(place);
	r.level = strcmp(argv[1], "entries") == 0 ? SAKSI_TILE_ENTRIES : 0;
	read_point(r.source, &text, &j.point);
	double began = bench_now();
	ahead = saksi_ahead_begin(saksi_place_dir(place), r.level,
				  j.point.size / SAKSI_TILE_WIDTH,
				  (unsigned)strtoul(argv[3], NULL, 10));
	r.ahead_ctx = ahead;
	if (saksi_verify_tree(&r, &j) != SAKSI_OK)
		bench_fail("another root");
	saksi_ahead_end(ahead);
	double took = bench_now() - began;
	saksi_text_to_hex(j.point.root.b, sizeof j.point.root.b, hex);
	printf("root %s seconds %.4f\n", hex, took);
	saksi_place_close(place);
	saksi_buf_free(&text);
	return 0;
}
