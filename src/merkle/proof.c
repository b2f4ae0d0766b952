#include "merkle/proof.h"

enum saksi_err saksi_inclusion_check(const struct saksi_inclusion *p,
				     const struct saksi_hash *root)
{
	struct saksi_hash h = p->leaf;
	uint64_t at = p->index, last = p->size - 1; /* size 0 leaves below */

	if (p->index >= p->size)
		return SAKSI_BADARG;
	for (size_t i = 0; i < p->path_count; i++) {
		if (last == 0)
			return SAKSI_REFUSED; /* path longer than the tree */
		if (at % 2 == 1 || at == last) {
			h = saksi_hash_node(&p->path[i], &h);
			/* The right edge may be alone for some levels. */
			while (at % 2 == 0) {
				at /= 2;
				last /= 2;
			}
		} else {
			h = saksi_hash_node(&h, &p->path[i]);
		}
		at /= 2;
		last /= 2;
	}
	if (last != 0 || !saksi_hash_same(&h, root))
		return SAKSI_REFUSED;
	return SAKSI_OK;
}

/* Is [start, end) a subtree: not empty, and aligned to its height? */
static bool is_subtree(uint64_t start, uint64_t end)
{
	uint64_t mask = 0;

	if (start >= end)
		return false;
	if (end - start > 1)
		mask = UINT64_MAX >> __builtin_clzll(end - start - 1);
	return (start & mask) == 0;
}

/* Both hashes that the path leads to, where [start, end) of a tree of p->size2
 * is said to hash to `claimed`: that of the subtree and that of the tree.  A
 * consistency proof is the case start == 0. */
static enum saksi_err chain(uint64_t start, uint64_t end,
			    const struct saksi_consistency *p,
			    const struct saksi_hash *claimed,
			    struct saksi_hash roots[2])
{
	struct saksi_hash sub = *claimed, tree = *claimed;
	uint64_t first = start, last = end - 1, tip = p->size2 - 1;
	size_t i = 0;

	/* Up to the largest node that ends where the subtree ends and lies in
	 * it; at the right edge of the tree that is the subtree itself. */
	while (first != last && (last % 2 == 1 || end == p->size2)) {
		first /= 2;
		last /= 2;
		tip /= 2;
	}
	if (first != last) {
		if (p->path_count == 0)
			return SAKSI_REFUSED;
		sub = tree = p->path[i++];
	}
	for (; i < p->path_count; i++) {
		if (tip == 0)
			return SAKSI_REFUSED; /* path longer than the tree */
		if (last % 2 == 1 || last == tip) {
			if (first < last) /* still below the subtree's root */
				sub = saksi_hash_node(&p->path[i], &sub);
			tree = saksi_hash_node(&p->path[i], &tree);
			while (last % 2 == 0) {
				first /= 2;
				last /= 2;
				tip /= 2;
			}
		} else {
			tree = saksi_hash_node(&tree, &p->path[i]);
		}
		first /= 2;
		last /= 2;
		tip /= 2;
	}
	if (tip != 0)
		return SAKSI_REFUSED;
	roots[0] = sub;
	roots[1] = tree;
	return SAKSI_OK;
}

enum saksi_err saksi_consistency_roots(const struct saksi_consistency *p,
				       const struct saksi_hash *root1_claimed,
				       struct saksi_hash *root1,
				       struct saksi_hash *root2)
{
	struct saksi_hash roots[2];

	if (p->size1 == 0 || p->size1 > p->size2)
		return SAKSI_BADARG;
	if (p->size1 == p->size2)
		return SAKSI_REFUSED;
	SAKSI_TRY(chain(0, p->size1, p, root1_claimed, roots));
	*root1 = roots[0];
	*root2 = roots[1];
	return SAKSI_OK;
}

enum saksi_err saksi_consistency_check(const struct saksi_consistency *p,
				       const struct saksi_hash *root1,
				       const struct saksi_hash *root2)
{
	const struct saksi_hash empty = saksi_hash_empty();
	struct saksi_hash old, new;

	if (p->size1 > p->size2)
		return SAKSI_BADARG;
	if (p->size1 == 0 && !saksi_hash_same(root1, &empty))
		return SAKSI_REFUSED;
	if (p->size1 == p->size2 && !saksi_hash_same(root1, root2))
		return SAKSI_REFUSED;
	if (p->size1 == 0 || p->size1 == p->size2)
		return p->path_count == 0 ? SAKSI_OK : SAKSI_REFUSED;
	SAKSI_TRY(saksi_consistency_roots(p, root1, &old, &new));
	if (!saksi_hash_same(&old, root1) || !saksi_hash_same(&new, root2))
		return SAKSI_REFUSED;
	return SAKSI_OK;
}

enum saksi_err saksi_subtree_inclusion_check(const struct saksi_inclusion *p,
					     uint64_t start, uint64_t end,
					     const struct saksi_hash *subtree)
{
	struct saksi_inclusion in = *p;

	if (!is_subtree(start, end) || end > p->size || p->index < start ||
	    p->index >= end)
		return SAKSI_BADARG;
	in.index = p->index - start;
	in.size = end - start;
	return saksi_inclusion_check(&in, subtree);
}

enum saksi_err saksi_subtree_consistency_check(uint64_t start, uint64_t end,
					       const struct saksi_consistency *p,
					       const struct saksi_hash *subtree,
					       const struct saksi_hash *root)
{
	const struct saksi_hash empty = saksi_hash_empty();
	struct saksi_hash roots[2];

	if (end > p->size2)
		return SAKSI_BADARG;
	if (start == end) {
		if (p->path_count != 0 || !saksi_hash_same(subtree, &empty))
			return SAKSI_REFUSED;
		return SAKSI_OK;
	}
	if (!is_subtree(start, end))
		return SAKSI_BADARG;
	SAKSI_TRY(chain(start, end, p, subtree, roots));
	if (!saksi_hash_same(&roots[0], subtree) || !saksi_hash_same(&roots[1], root))
		return SAKSI_REFUSED;
	return SAKSI_OK;
}
