/* Proofs against the slow definition, and every lie about them. */
#include "slow.h"

#include "merkle/proof.h"

#define MAX 130

static struct saksi_hash leaves[MAX + 2];

static int setup(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < MAX + 2; i++)
		leaves[i] = slow_leaf(i);
	return 0;
}

/* Made so that only the path's length can give it away. */
static void inclusion_lengths(struct saksi_inclusion p, struct saksi_hash *path,
			      const struct saksi_hash *root)
{
	struct saksi_hash longer[2];

	path[p.path_count] = slow_leaf(9999);
	longer[0] = saksi_hash_node(&path[p.path_count], root);
	longer[1] = saksi_hash_node(root, &path[p.path_count]);
	p.path_count++;
	for (int i = 0; i < 2; i++)
		assert_int_equal(saksi_inclusion_check(&p, &longer[i]), SAKSI_REFUSED);
	p.path_count--;
	for (; p.path_count > 0; p.path_count--) {
		struct saksi_inclusion shorter = p;

		shorter.path_count--;
		assert_int_equal(saksi_inclusion_check(&shorter, root), SAKSI_REFUSED);
	}
}

static void inclusion_bits(struct saksi_inclusion *p, struct saksi_hash *path,
			   struct saksi_hash *root, size_t step)
{
	for (size_t bit = 0; bit < 256; bit += step) {
		for (size_t i = 0; i < p->path_count; i++) {
			flip(&path[i], bit);
			assert_int_equal(saksi_inclusion_check(p, root), SAKSI_REFUSED);
			flip(&path[i], bit);
		}
		flip(root, bit);
		assert_int_equal(saksi_inclusion_check(p, root), SAKSI_REFUSED);
		flip(root, bit);
		flip(&p->leaf, bit);
		assert_int_equal(saksi_inclusion_check(p, root), SAKSI_REFUSED);
		flip(&p->leaf, bit);
	}
}

static void test_inclusion(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= MAX; size++) {
		struct saksi_hash root = slow_root(leaves, 0, size), path[65];

		for (uint64_t at = 0; at < size; at++) {
			struct saksi_inclusion p = {
			    leaves[at], at, size, path,
			    slow_path(leaves, 0, size, at, path)};

			assert_int_equal(saksi_inclusion_check(&p, &root), SAKSI_OK);
			inclusion_bits(&p, path, &root, size <= 33 ? 1 : 37);
			inclusion_lengths(p, path, &root);
			for (uint64_t other = 0; other < size; other++) {
				struct saksi_inclusion moved = p;

				moved.index = other;
				assert_int_equal(saksi_inclusion_check(&moved, &root),
						 other == at ? SAKSI_OK
							     : SAKSI_REFUSED);
			}
		}
		struct saksi_inclusion outside = {.index = size, .size = size};

		assert_int_equal(saksi_inclusion_check(&outside, &root), SAKSI_BADARG);
	}
	struct saksi_inclusion none = {.index = 0, .size = 0};

	assert_int_equal(saksi_inclusion_check(&none, &leaves[0]), SAKSI_BADARG);
}

/* In the largest trees the path is 64 long; no shift may run away. */
static void test_largest(void **state)
{
	struct saksi_hash path[66], root = leaves[0];
	struct saksi_inclusion p = {leaves[0], 0, UINT64_MAX, path, 64};

	(void)state;
	for (size_t i = 0; i < 66; i++)
		path[i] = leaves[i];
	for (size_t i = 0; i < 64; i++)
		root = saksi_hash_node(&root, &path[i]);
	assert_int_equal(saksi_inclusion_check(&p, &root), SAKSI_OK);
	p.path_count = 65;
	assert_int_equal(saksi_inclusion_check(&p, &root), SAKSI_REFUSED);
	/* The last leaf of 2^63 + 1: alone on the right for 63 levels. */
	p = (struct saksi_inclusion){leaves[1], UINT64_C(1) << 63,
				     (UINT64_C(1) << 63) + 1, path, 1};
	root = saksi_hash_node(&path[0], &leaves[1]);
	assert_int_equal(saksi_inclusion_check(&p, &root), SAKSI_OK);
	/* From 2^63 leaves to one more. */
	struct saksi_consistency c = {UINT64_C(1) << 63, (UINT64_C(1) << 63) + 1, path,
				      1};

	root = saksi_hash_node(&leaves[7], &path[0]);
	assert_int_equal(saksi_consistency_check(&c, &leaves[7], &root), SAKSI_OK);
}

static void consistency_lies(struct saksi_consistency *p, struct saksi_hash *path,
			     struct saksi_hash roots[2])
{
	size_t step = p->size2 <= 17 ? 1 : 61;

	for (size_t bit = 0; bit < 256; bit += step) {
		for (size_t i = 0; i < p->path_count; i++) {
			flip(&path[i], bit);
			assert_int_equal(
			    saksi_consistency_check(p, &roots[0], &roots[1]),
			    SAKSI_REFUSED);
			flip(&path[i], bit);
		}
		for (int i = 0; i < 2; i++) {
			flip(&roots[i], bit);
			assert_int_equal(
			    saksi_consistency_check(p, &roots[0], &roots[1]),
			    SAKSI_REFUSED);
			flip(&roots[i], bit);
		}
	}
	p->path_count++;
	path[p->path_count - 1] = leaves[0];
	struct saksi_hash longer[2] = {saksi_hash_node(&leaves[0], &roots[1]),
				       saksi_hash_node(&roots[1], &leaves[0])};
	struct saksi_hash older = saksi_hash_node(&leaves[0], &roots[0]);

	for (int i = 0; i < 2; i++) {
		assert_int_equal(saksi_consistency_check(p, &roots[0], &longer[i]),
				 SAKSI_REFUSED);
		assert_int_equal(saksi_consistency_check(p, &older, &longer[i]),
				 SAKSI_REFUSED);
	}
	p->path_count--;
	for (size_t n = 0; n < p->path_count; n++) {
		struct saksi_consistency shorter = *p;
		struct saksi_hash got[2];

		shorter.path_count = n;
		/* Whatever it leads to, it is not a path between these sizes. */
		assert_int_equal(
		    saksi_consistency_roots(&shorter, &roots[0], &got[0], &got[1]),
		    SAKSI_REFUSED);
		assert_int_equal(
		    saksi_consistency_check(&shorter, &roots[0], &roots[1]),
		    SAKSI_REFUSED);
	}
}

static void test_consistency(void **state)
{
	(void)state;
	for (uint64_t size2 = 1; size2 <= MAX; size2++)
		for (uint64_t size1 = 1; size1 < size2; size1++) {
			struct saksi_hash path[65], got[2];
			struct saksi_hash roots[2] = {slow_root(leaves, 0, size1),
						      slow_root(leaves, 0, size2)};
			uint64_t where[] = {0, size1, 0, size2};
			struct saksi_consistency p = {
			    size1, size2, path, slow_sub(leaves, where, true, path)};

			assert_int_equal(
			    saksi_consistency_check(&p, &roots[0], &roots[1]),
			    SAKSI_OK);
			assert_int_equal(
			    saksi_consistency_roots(&p, &roots[0], &got[0], &got[1]),
			    SAKSI_OK);
			assert_memory_equal(got, roots, sizeof(got));
			consistency_lies(&p, path, roots);
		}
}

static void test_consistency_edges(void **state)
{
	struct saksi_hash empty = saksi_hash_empty(), root = slow_root(leaves, 0, 5);
	struct saksi_hash got[2] = {leaves[1], leaves[2]};
	struct saksi_consistency p = {0, 5, leaves, 0};

	(void)state;
	assert_int_equal(saksi_consistency_check(&p, &empty, &root), SAKSI_OK);
	assert_int_equal(saksi_consistency_check(&p, &root, &root), SAKSI_REFUSED);
	assert_int_equal(saksi_consistency_roots(&p, &empty, &got[0], &got[1]),
			 SAKSI_BADARG);
	p.path_count = 1;
	assert_int_equal(saksi_consistency_check(&p, &empty, &root), SAKSI_REFUSED);
	p = (struct saksi_consistency){5, 5, leaves, 0};
	assert_int_equal(saksi_consistency_check(&p, &root, &root), SAKSI_OK);
	assert_int_equal(saksi_consistency_check(&p, &root, &leaves[0]), SAKSI_REFUSED);
	assert_int_equal(saksi_consistency_roots(&p, &root, &got[0], &got[1]),
			 SAKSI_REFUSED);
	p.path_count = 1;
	assert_int_equal(saksi_consistency_check(&p, &root, &root), SAKSI_REFUSED);
	p = (struct saksi_consistency){0, 0, leaves, 0};
	assert_int_equal(saksi_consistency_check(&p, &empty, &empty), SAKSI_OK);
	assert_int_equal(saksi_consistency_check(&p, &root, &root), SAKSI_REFUSED);
	p = (struct saksi_consistency){6, 5, leaves, 0};
	assert_int_equal(saksi_consistency_check(&p, &root, &root), SAKSI_BADARG);
	assert_int_equal(saksi_consistency_roots(&p, &root, &got[0], &got[1]),
			 SAKSI_BADARG);
	/* Untouched on every failure. */
	assert_memory_equal(&got[0], &leaves[1], sizeof(got[0]));
	assert_memory_equal(&got[1], &leaves[2], sizeof(got[1]));
}

/* Evidence: a path may give the newer root truly and show another older one. */
static void test_split_view(void **state)
{
	struct saksi_hash path[65], got[2], lie = slow_leaf(777);
	struct saksi_hash root5 = slow_root(leaves, 0, 5),
			  root9 = slow_root(leaves, 0, 9);
	struct saksi_consistency p = {5, 9, path, 0};

	(void)state;
	p.path_count = slow_sub(leaves, (uint64_t[]){0, 5, 0, 9}, true, path);
	assert_int_equal(saksi_consistency_check(&p, &lie, &root9), SAKSI_REFUSED);
	assert_int_equal(saksi_consistency_roots(&p, &lie, &got[0], &got[1]), SAKSI_OK);
	assert_memory_equal(&got[0], &root5, sizeof(root5));
	assert_memory_equal(&got[1], &root9, sizeof(root9));
}

static bool is_subtree(uint64_t start, uint64_t end)
{
	uint64_t k = 1;

	if (start >= end)
		return false;
	while (k < end - start)
		k *= 2;
	return start % k == 0;
}

static void subtree_inclusions(uint64_t start, uint64_t end, uint64_t size)
{
	struct saksi_hash sub = slow_root(leaves, start, end), path[65];

	for (uint64_t at = 0; at <= size; at++) {
		struct saksi_inclusion p = {leaves[at], at, size, path, 0};
		bool in = at >= start && at < end;

		if (in)
			p.path_count = slow_path(leaves, start, end, at, path);
		assert_int_equal(saksi_subtree_inclusion_check(&p, start, end, &sub),
				 in ? SAKSI_OK : SAKSI_BADARG);
		if (!in)
			continue;
		flip(&p.leaf, 3);
		assert_int_equal(saksi_subtree_inclusion_check(&p, start, end, &sub),
				 SAKSI_REFUSED);
	}
}

static void subtree_consistency(uint64_t start, uint64_t end, uint64_t size)
{
	struct saksi_hash path[65],
	    roots[2] = {slow_root(leaves, start, end), slow_root(leaves, 0, size)};
	struct saksi_consistency p = {.size2 = size, .path = path};

	p.path_count = slow_sub(leaves, (uint64_t[]){start, end, 0, size}, true, path);
	assert_int_equal(
	    saksi_subtree_consistency_check(start, end, &p, &roots[0], &roots[1]),
	    SAKSI_OK);
	for (size_t i = 0; i < p.path_count + 2; i++) {
		struct saksi_hash *h =
		    i < p.path_count ? &path[i] : &roots[i - p.path_count];

		for (size_t bit = 0; bit < 256; bit += size < 10 ? 1 : 53) {
			flip(h, bit);
			assert_int_equal(saksi_subtree_consistency_check(
					     start, end, &p, &roots[0], &roots[1]),
					 SAKSI_REFUSED);
			flip(h, bit);
		}
	}
	path[p.path_count++] = leaves[0];
	assert_int_equal(
	    saksi_subtree_consistency_check(start, end, &p, &roots[0], &roots[1]),
	    SAKSI_REFUSED);
	for (p.path_count--; p.path_count > 0;) {
		p.path_count--;
		assert_int_equal(saksi_subtree_consistency_check(start, end, &p,
								 &roots[0], &roots[1]),
				 SAKSI_REFUSED);
	}
}

static void test_subtrees(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= 40; size++)
		for (uint64_t start = 0; start <= size + 1; start++)
			for (uint64_t end = 0; end <= size + 1; end++) {
				struct saksi_consistency c = {.size2 = size,
							      .path = leaves};
				struct saksi_inclusion p = {.index = start,
							    .size = size};

				if (is_subtree(start, end) && end <= size) {
					subtree_inclusions(start, end, size);
					subtree_consistency(start, end, size);
					continue;
				}
				assert_int_equal(saksi_subtree_inclusion_check(
						     &p, start, end, &leaves[0]),
						 SAKSI_BADARG);
				if (start != end || end > size)
					assert_int_equal(
					    saksi_subtree_consistency_check(
						start, end, &c, &leaves[0], &leaves[0]),
					    SAKSI_BADARG);
			}
}

static void test_subtree_edges(void **state)
{
	struct saksi_hash empty = saksi_hash_empty();
	struct saksi_consistency c = {.size2 = 7, .path = leaves};
	struct saksi_inclusion p = {.index = 1, .size = UINT64_MAX};

	(void)state;
	assert_int_equal(saksi_subtree_consistency_check(3, 3, &c, &empty, &leaves[0]),
			 SAKSI_OK);
	assert_int_equal(
	    saksi_subtree_consistency_check(3, 3, &c, &leaves[0], &leaves[0]),
	    SAKSI_REFUSED);
	c.path_count = 1;
	assert_int_equal(saksi_subtree_consistency_check(3, 3, &c, &empty, &leaves[0]),
			 SAKSI_REFUSED);
	/* Heights of 2^63 and 2^64: the alignment must not wrap to nothing. */
	assert_int_equal(
	    saksi_subtree_inclusion_check(&p, 1, (UINT64_C(1) << 63) + 2, &leaves[0]),
	    SAKSI_BADARG);
	assert_int_equal(saksi_subtree_inclusion_check(&p, 0, UINT64_MAX, &leaves[0]),
			 SAKSI_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_inclusion),
	    cmocka_unit_test(test_largest),
	    cmocka_unit_test(test_consistency),
	    cmocka_unit_test(test_consistency_edges),
	    cmocka_unit_test(test_split_view),
	    cmocka_unit_test(test_subtrees),
	    cmocka_unit_test(test_subtree_edges),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
