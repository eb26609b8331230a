// The part of CUDA that lrn.cu uses, for a C++ compiler. Blocks run one after another, and so do
// the threads of a block. A thread is a coroutine, so that __syncthreads() can wait.
#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <tuple>
#include <type_traits>

#define __device__
#define __global__
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __shared__

using std::exp2, std::fabs, std::fma, std::isfinite, std::isinf, std::isnan, std::ldexp;
using std::max, std::memcpy, std::memset, std::min, std::pow, std::rint, std::sqrt;

// Only the fallback in extended range calls this, so a test can see whether it was needed.
static long extended_numbers;
inline double counted_frexp(double m, int* e) { return extended_numbers++, std::frexp(m, e); }
#define frexp counted_frexp
extern "C" long count_extended_numbers() { return extended_numbers; }

struct Dim3 { unsigned x = 1, y = 1, z = 1; };
static Dim3 threadIdx, blockIdx, blockDim, gridDim;

inline unsigned __float_as_uint(float f) { unsigned u; memcpy(&u, &f, 4); return u; }
inline float __uint_as_float(unsigned u) { float f; memcpy(&f, &u, 4); return f; }

// ---- GPU instructions without an equivalent in C++ -----------------------------------------

struct Half;
inline float load(Half);
inline void store(float, Half&);

// With the largest error that a GPU may have, up or down depending on the bits of s.
inline float with_error(double exact, double error, unsigned bits) {
  return (float)(exact * (1 + (bits * 2654435761u >> 31 ? error : -error)));
}
inline float approximate_reciprocal(float s) {
  return with_error(1.0 / s, 0x1p-24, __float_as_uint(s) & 0x7fffff);  // bits of the mantissa
}
inline float approximate_rsqrt(float s) {  // mantissa and parity of the exponent
  return with_error(1 / sqrt((double)s), 1.0 / 7900000, __float_as_uint(s) & 0xffffff);
}

// ---- A launch ------------------------------------------------------------------------------

const size_t SHARED = 48 * 1024, STACK = 64 * 1024;
alignas(32) unsigned char shared[SHARED + 64];

struct Threads {
  ucontext_t contexts[1024];
  jmp_buf block, at[1024];  // where the block, or a thread, goes on; unlike swapcontext, without a system call
  bool started[1024], done[1024];
  std::unique_ptr<char[]> stacks{new char[1024 * STACK]};
  std::function<void()> body;
  int current;
};
static Threads threads;
static std::mutex one_launch;
static bool misaligned;

// The compiler's alignment check (-fsanitize=alignment) calls this.
extern "C" void __ubsan_handle_type_mismatch_v1(void*, void*) { misaligned = true; }

static void back_to_the_block() {
  if (!_setjmp(threads.at[threads.current])) _longjmp(threads.block, 1);
}
inline void __syncthreads() { back_to_the_block(); }

// Each coroutine serves one thread of every block, one block after another.
static void enter() {
  for (;;) {
    threads.body();
    threads.done[threads.current] = true;
    back_to_the_block();
  }
}

static void run_thread(int t) {
  threads.current = t;
  if (_setjmp(threads.block)) return;
  if (threads.started[t]) _longjmp(threads.at[t], 1);
  threads.started[t] = true;
  getcontext(&threads.contexts[t]);
  threads.contexts[t].uc_stack.ss_sp = threads.stacks.get() + t * STACK;
  threads.contexts[t].uc_stack.ss_size = STACK;
  makecontext(&threads.contexts[t], enter, 0);
  setcontext(&threads.contexts[t]);
}

static void run_block(int count) {
  std::fill_n(threads.done, count, false);
  bool backwards = blockIdx.x % 2;  // results must not depend on the order of threads
  for (bool waiting = true; waiting;) {
    waiting = false;
    for (int k = 0; k < count; k++) {
      int t = backwards ? count - 1 - k : k;
      if (threads.done[t]) continue;
      threadIdx = {t % blockDim.x, t / blockDim.x, 0};
      run_thread(t);
      waiting |= !threads.done[t];
    }
  }
}

// ---- Arguments as a driver gets them: pointers to untyped values ----------------------------

struct Argument { const void* value; size_t size; char kind; };  // p: pointer, i: integer, f: float, s: struct

template <class A> bool fits(const Argument& argument) {
  char kind = std::is_pointer<A>::value          ? 'p'
              : std::is_integral<A>::value       ? 'i'
              : std::is_floating_point<A>::value ? 'f'
                                                 : 's';
  return argument.kind == kind && argument.size == sizeof(A);
}

enum Outcome { FINE, WRONG_COUNT, WRONG_ARGUMENT, MISALIGNED, SHARED_OVERRUN };

template <class... A>
int launch(void (*kernel)(A...), const unsigned* sizes, const Argument* arguments, int count,
           size_t shared_bytes) {
  std::lock_guard<std::mutex> lock(one_launch);
  if (count != sizeof...(A)) return WRONG_COUNT;
  const Argument *type = arguments, *next = arguments;
  if (!(fits<A>(*type++) && ...)) return WRONG_ARGUMENT;
  std::tuple<A...> values{*static_cast<const A*>((next++)->value)...};  // braces keep the order
  threads.body = [&] { std::apply(kernel, values); };
  gridDim = {sizes[0], sizes[1], 1};
  blockDim = {sizes[2], sizes[3], 1};
  misaligned = false;
  for (blockIdx.y = 0; blockIdx.y < gridDim.y; blockIdx.y++)
    for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++) {
      memset(shared, 0xff, sizeof shared);  // NaN until written
      run_block(blockDim.x * blockDim.y);
      const unsigned char* end = shared + shared_bytes;  // from here each byte must be 0xff
      if (*end != 0xff || memcmp(end, end + 1, sizeof shared - shared_bytes - 1))
        return SHARED_OVERRUN;
    }
  return misaligned ? MISALIGNED : FINE;
}

#define KERNEL(number, ...)                                                                    \
  extern "C" int kernel_##number(const unsigned* sizes, const Argument* arguments, int count,  \
                                 size_t shared_bytes) {                                        \
    return launch(&__VA_ARGS__, sizes, arguments, count, shared_bytes);                        \
  }
