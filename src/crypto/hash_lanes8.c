#include "crypto/hash_engines.h"

#ifdef __x86_64__
#define LANES 8
#define TARGET "avx2"
#define COMPRESS saksi_hash_lanes8
#define NODES saksi_hash_nodes8
#include "crypto/hash_lanes.h"
#endif
