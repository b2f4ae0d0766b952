/* The definitions of RFC 9162 2.1 and of the subtrees draft, as slow as they
 * stand there: the oracle of the tests of this room. */
#ifndef SLOW_H
#define SLOW_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "merkle/proof.h"

/* Leaf i of every tree in these tests is the record "entry <i>". */
static inline struct saksi_hash slow_leaf(uint64_t i)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "entry %llu", (unsigned long long)i);
	return saksi_hash_leaf(saksi_bytes_of(text));
}

/* The largest power of two smaller than n > 1. */
static inline uint64_t slow_split(uint64_t n)
{
	uint64_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

/* MTH(D[lo:hi]). */
static inline struct saksi_hash slow_root(const struct saksi_hash *leaves, uint64_t lo,
					  uint64_t hi)
{
	if (hi == lo)
		return saksi_hash_empty();
	if (hi - lo == 1)
		return leaves[lo];
	uint64_t mid = lo + slow_split(hi - lo);
	struct saksi_hash l = slow_root(leaves, lo, mid);
	struct saksi_hash r = slow_root(leaves, mid, hi);

	return saksi_hash_node(&l, &r);
}

/* PATH(at, D[lo:hi]); gives the count. */
static inline size_t slow_path(const struct saksi_hash *leaves, uint64_t lo,
			       uint64_t hi, uint64_t at, struct saksi_hash *out)
{
	if (hi - lo == 1)
		return 0;
	uint64_t mid = lo + slow_split(hi - lo);
	size_t n;

	if (at < mid) {
		n = slow_path(leaves, lo, mid, at, out);
		out[n] = slow_root(leaves, mid, hi);
	} else {
		n = slow_path(leaves, mid, hi, at, out);
		out[n] = slow_root(leaves, lo, mid);
	}
	return n + 1;
}

/* SUBTREE_SUBPROOF(start, end, D[lo:hi], known), places counted from 0 of D. */
static inline size_t slow_sub(const struct saksi_hash *leaves, const uint64_t where[4],
			      bool known, struct saksi_hash *out)
{
	uint64_t start = where[0], end = where[1], lo = where[2], hi = where[3];

	if (start == lo && end == hi) {
		if (known)
			return 0;
		out[0] = slow_root(leaves, lo, hi);
		return 1;
	}
	uint64_t mid = lo + slow_split(hi - lo);
	size_t n;

	if (end <= mid) {
		n = slow_sub(leaves, (uint64_t[]){start, end, lo, mid}, known, out);
		out[n] = slow_root(leaves, mid, hi);
	} else if (mid <= start) {
		n = slow_sub(leaves, (uint64_t[]){start, end, mid, hi}, known, out);
		out[n] = slow_root(leaves, lo, mid);
	} else {
		n = slow_sub(leaves, (uint64_t[]){mid, end, mid, hi}, false, out);
		out[n] = slow_root(leaves, lo, mid);
	}
	return n + 1;
}

static inline void flip(struct saksi_hash *h, size_t bit)
{
	h->b[bit / 8] ^= (uint8_t)(1U << bit % 8);
}

#endif
