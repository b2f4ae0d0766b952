#include "collect/read_lz4.h"

#include <errno.h>
#include <lz4frame.h>
#include <stdlib.h>
#include <unistd.h>

#define ROOM 65536u

struct unpacking {
	LZ4F_dctx *ctx;
	uint8_t in[ROOM], out[ROOM];
	uint64_t left; /* decoded bytes that may still come */
	size_t hint;   /* 0: the frame is whole */
};

/* Decodes n bytes of input, handing on what comes out. */
static enum saksi_err decode(struct unpacking *u, size_t n, saksi_lz4_piece *piece,
			     void *ctx)
{
	size_t at = 0;

	while (at < n) {
		size_t taken = n - at, made = ROOM;

		u->hint =
		    LZ4F_decompress(u->ctx, u->out, &made, u->in + at, &taken, NULL);
		if (LZ4F_isError(u->hint))
			return SAKSI_MALFORMED;
		if (made > u->left)
			return SAKSI_LIMIT;
		u->left -= made;
		if (made > 0)
			piece(ctx, (struct saksi_bytes){u->out, made});
		at += taken;
		if (u->hint == 0 && at < n)
			return SAKSI_MALFORMED; /* something after the frame */
	}
	return SAKSI_OK;
}

static enum saksi_err decode_all(struct unpacking *u, int fd, saksi_lz4_piece *piece,
				 void *ctx)
{
	u->hint = 1;
	for (;;) {
		ssize_t n = read(fd, u->in, ROOM);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return SAKSI_IO;
		if (n == 0)
			return u->hint == 0 ? SAKSI_OK : SAKSI_MALFORMED; /* cut off */
		SAKSI_TRY(decode(u, (size_t)n, piece, ctx));
	}
}

enum saksi_err saksi_lz4_read(int fd, uint64_t max, saksi_lz4_piece *piece, void *ctx)
{
	struct unpacking *u = calloc(1, sizeof(*u));
	enum saksi_err err = SAKSI_NOMEM;

	if (u != NULL &&
	    !LZ4F_isError(LZ4F_createDecompressionContext(&u->ctx, LZ4F_VERSION))) {
		u->left = max;
		err = decode_all(u, fd, piece, ctx);
		(void)LZ4F_freeDecompressionContext(u->ctx);
	}
	free(u);
	return err;
}
