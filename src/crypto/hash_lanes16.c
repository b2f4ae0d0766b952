#include "crypto/hash_engines.h"

#ifdef __x86_64__
#define LANES 16
#define TARGET "avx512f"
#define COMPRESS saksi_hash_lanes16
#define NODES saksi_hash_nodes16
#include "crypto/hash_lanes.h"
#endif
