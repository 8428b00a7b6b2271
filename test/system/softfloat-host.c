/*
 * Does what it is told with the host's floating-point unit (x86-64, SSE2 and FMA): reads records of
 *   u32 operation, u32 rounding mode (RISC-V encoding, 0 to 3), u64 a, u64 b, u64 c
 * from stdin and answers each with u64 result, u64 flags (RISC-V fflags). Operations count up from 0 for binary64 and
 * from 16 for binary32.
 */
#include <fenv.h>
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct request {
  uint32_t operation, rounding;
  uint64_t a, b, c;
};

struct answer {
  uint64_t result, flags;
};

static const int ROUNDING[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};

static double read64(uint64_t bits) {
  double value;
  memcpy(&value, &bits, 8);
  return value;
}

static float read32(uint64_t bits) {
  uint32_t low = (uint32_t)bits;
  float value;
  memcpy(&value, &low, 4);
  return value;
}

static uint64_t bits64(double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  return bits;
}

static uint64_t bits32(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

static uint64_t run64(const struct request *r) {
  volatile double a = read64(r->a), b = read64(r->b), c = read64(r->c), result;
  switch (r->operation) {
    case 0: result = a + b; break;
    case 1: result = a - b; break;
    case 2: result = a * b; break;
    case 3: result = a / b; break;
    case 4: result = _mm_cvtsd_f64(_mm_sqrt_sd(_mm_set_sd(a), _mm_set_sd(a))); break;
    case 5: result = _mm_cvtsd_f64(_mm_fmadd_sd(_mm_set_sd(a), _mm_set_sd(b), _mm_set_sd(c))); break;
    case 6: {
      volatile float single = (float)a;
      return bits32(single);
    }
    case 7: return (uint64_t)(int64_t)_mm_cvtsd_si32(_mm_set_sd(a));
    case 8: return (uint64_t)_mm_cvtsd_si64(_mm_set_sd(a));
    case 9: result = (double)(int32_t)r->a; break;
    default: result = (double)(int64_t)r->a; break;
  }
  return bits64(result);
}

static uint64_t run32(const struct request *r) {
  volatile float a = read32(r->a), b = read32(r->b), c = read32(r->c), result;
  switch (r->operation - 16) {
    case 0: result = a + b; break;
    case 1: result = a - b; break;
    case 2: result = a * b; break;
    case 3: result = a / b; break;
    case 4: result = _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(a))); break;
    case 5: result = _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(a), _mm_set_ss(b), _mm_set_ss(c))); break;
    case 6: {
      volatile double wide = (double)a;
      return bits64(wide);
    }
    case 7: return (uint64_t)(int64_t)_mm_cvtss_si32(_mm_set_ss(a));
    case 8: return (uint64_t)_mm_cvtss_si64(_mm_set_ss(a));
    case 9: result = (float)(int32_t)r->a; break;
    default: result = (float)(int64_t)r->a; break;
  }
  return bits32(result);
}

int main(void) {
  struct request request;
  struct answer answer;
  if (!__builtin_cpu_supports("fma")) return 77;
  while (fread(&request, sizeof request, 1, stdin) == 1) {
    fesetround(ROUNDING[request.rounding & 3]);
    feclearexcept(FE_ALL_EXCEPT);
    answer.result = request.operation < 16 ? run64(&request) : run32(&request);
    int raised = fetestexcept(FE_ALL_EXCEPT);
    answer.flags = (raised & FE_INEXACT ? 1 : 0) | (raised & FE_UNDERFLOW ? 2 : 0) | (raised & FE_OVERFLOW ? 4 : 0) |
                   (raised & FE_DIVBYZERO ? 8 : 0) | (raised & FE_INVALID ? 16 : 0);
    fesetround(FE_TONEAREST);
    fwrite(&answer, sizeof answer, 1, stdout);
  }
  return 0;
}
