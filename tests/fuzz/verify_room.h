/* A verifier with a fixed policy and an arena of its own, for fuzz targets. */
#ifndef VERIFY_ROOM_H
#define VERIFY_ROOM_H

#include <stdlib.h>
#include <string.h>

#include "verify/verify.h"

/* Keys of 32 bytes 1, 2: the names and ids are what a checkpoint must carry. */
static inline void room_policy(struct saksi_policy *p, struct saksi_arena *a)
{
	uint8_t text[1024], log[32], witness[32];
	struct saksi_buf b = saksi_buf_fixed(text, sizeof(text));
	struct saksi_vkey k;

	memset(log, 1, sizeof(log));
	memset(witness, 2, sizeof(witness));
	saksi_buf_puts(&b, "log ");
	if (saksi_vkey_make(saksi_bytes_of("l"), SAKSI_SIG_ED25519, log, &k) !=
	    SAKSI_OK)
		abort();
	saksi_vkey_write(&k, &b);
	saksi_buf_puts(&b, "\nwitness w ");
	if (saksi_vkey_make(saksi_bytes_of("w"), SAKSI_SIG_COSIGNATURE, witness, &k) !=
	    SAKSI_OK)
		abort();
	saksi_vkey_write(&k, &b);
	saksi_buf_puts(&b, "\nquorum w\n");
	if (saksi_policy_read(saksi_arena_copy(a, saksi_buf_bytes(&b)), a, p, NULL) !=
	    SAKSI_OK)
		abort();
}

static inline void room_answer(void *ctx, struct saksi_sigcheck *checks, size_t count)
{
	(void)ctx;
	for (size_t i = 0; i < count; i++)
		checks[i].answer = SAKSI_SIG_GOOD;
}

static inline void verify_room(struct saksi_verifier *v)
{
	static uint8_t room[8U << 20];
	static struct saksi_arena arena;
	static struct saksi_policy policy;
	static struct saksi_roots roots;

	arena = (struct saksi_arena){room, 0, sizeof(room)};
	memset(&policy, 0, sizeof(policy));
	room_policy(&policy, &arena);
	roots = (struct saksi_roots){.key_count = 1, .quorum = 1};
	memset(roots.keys[0].key, 3, 32);
	*v = (struct saksi_verifier){.policy = &policy,
				     .roots = &roots,
				     .now_utc = 1795262400,
				     .answer = room_answer,
				     .arena = &arena};
	saksi_limits_default(&v->limits);
}

#endif
