// LRN and its gradient, fused: each kernel reads an element from memory once and writes it once.
//     s_i  = bias + alpha * (sum of x_j^2 over the window of i)
//     y_i  = x_i / s_i^beta
//     dx_i = dy_i / s_i^beta - 2 beta x_i * (sum of alpha x_j / s_j * dy_j / s_j^beta)
//
// Arrays are C-contiguous with the shape (outer, channels, inner). Windows lie along `channels`.
//     channels_last     inner = 1: V channels of a pixel per thread
//     channels_first    inner > 1: V columns per thread, which reads their channels in turn
//     all_channels      windows that hold all channels: one sum for each pixel, by reduction
//     any_window        all other windows: a loop over the window of each element
//
// T  the type of the values: double, float, Half or Bfloat16      F  the type computed in
// V  the number of values per load, at most 16 bytes              R  depth_radius
// P  4 * beta for beta = 1/2, 3/4, 1; or 0 for any other beta      GRADIENT  else forward
//
// The file includes no header, so that NVRTC compiles it alone. Where a base is too large or small
// for F, or a step of the gradient would lose digits, a thread marks the result with inf, and when
// all its results are written, computes these again in extended range: no call needs two kernels.

#define DEVICE __device__ inline
#define UNROLL _Pragma("unroll")
struct Half { unsigned short bits; };
struct Bfloat16 { unsigned short bits; };
template <class T> struct Computed { typedef float Type; };
template <> struct Computed<double> { typedef double Type; };
template <class F> struct Constants {
  double exact_bias, exact_alpha, exact_beta;  // for the fallback in extended range
  F bias, alpha, twice_beta;
  F min_base, max_base;               // the bases s for which F is accurate
  F min_scaled, max_scaled;           // the same for the size of dy / s^beta, except 0
  F min_normal;                       // the smallest normal number, or 0 if alpha is 0
  F minus_beta_high, minus_beta_low;  // their sum is -beta; if F is float, the first has 12 bits
};

// ---- Values of type T in memory, of type F in registers ------------------------------------
#ifdef __CUDACC__  // instructions without an equivalent in C++; cuda.h of the tests emulates them
DEVICE float load(Half a) { float f; asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(a.bits)); return f; }
DEVICE void store(float f, Half& a) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(a.bits) : "f"(f)); }
// The errors are at most 1 ulp here and 2^-22.9, relative, below (PTX ISA). Both instructions
// flush subnormal numbers to 0; a base in range is normal.
DEVICE float approximate_reciprocal(float s) {
  float r; asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(s)); return r;
}
DEVICE float approximate_rsqrt(float s) {
  float r; asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(s)); return r;
}
#endif
DEVICE double load(double a) { return a; }
DEVICE float load(float a) { return a; }
DEVICE float load(Bfloat16 a) { return __uint_as_float((unsigned)a.bits << 16); }
DEVICE void store(double f, double& a) { a = f; }
DEVICE void store(float f, float& a) { a = f; }
DEVICE void store(float f, Bfloat16& a) {  // round to nearest even; NaN stays NaN
  unsigned bits = __float_as_uint(f);
  a.bits = f == f ? (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16 : bits >> 16 | 0x40u;
}

extern __shared__ __align__(32) unsigned char shared[];
template <class F, int V> struct alignas(sizeof(F) * V) Vector { F at[V]; };
template <int V, class T, class F> DEVICE void load_vector(const T* from, F* to) {
  Vector<T, V> values = *reinterpret_cast<const Vector<T, V>*>(from);
  UNROLL for (int k = 0; k < V; k++) to[k] = load(values.at[k]);
}
template <int V, class F> DEVICE void set_zero(F* to) {
  UNROLL for (int k = 0; k < V; k++) to[k] = 0;
}
template <int V, class T, class F> DEVICE void store_vector(const F* from, T* to) {
  Vector<T, V> values;
  UNROLL for (int k = 0; k < V; k++) store(from[k], values.at[k]);
  *reinterpret_cast<Vector<T, V>*>(to) = values;
}
template <int V, class T, class F> DEVICE void load_or_zero(bool in_bounds, const T* from, F* to) {
  in_bounds ? load_vector<V>(from, to) : set_zero<V>(to);
}
// Load V channels of a pixel from channel c on, and HALO more on either side; 0 outside the array.
template <int V, int HALO, class T, class F>
DEVICE void load_row(const T* at_c, bool in_bounds, int channels, int c, F* v) {
  UNROLL for (int k = -HALO; k < HALO + V; k += V)
    load_or_zero<V>(in_bounds && (unsigned)(c + k) < channels, at_c + k, v + HALO + k);
}
const int PIXELS_PER_THREAD = 2;  // more loads under way, and fewer indices to compute
// Blocks a multiprocessor shall hold at once: the most without spills (but 4 bytes at one R = 3).
template <class T, int R, bool GRADIENT>
constexpr int BLOCKS = sizeof(T) == 8 ? R > 3 ? 1 : 3 : sizeof(T) == 2 && !GRADIENT
    ? 5 - (R > 1) - (R > 5) : 6 - (sizeof(T) == 2) - GRADIENT - (R > 3) - (R > 5 + GRADIENT);
// Channel c of an array whose channels lie `pitch` bytes apart: one instruction.
template <class T> DEVICE T* at_channel(T* x, int c, unsigned pitch) {
  return (T*)((char*)x + (size_t)(unsigned)c * pitch);
}
template <bool B> struct Flag { static const bool VALUE = B; };

// ---- Extended range: m * 2^e, whose integer exponent cannot overflow ------------------------
struct Extended { double m; int e; };  // 1/2 <= |m| < 1; or m is 0, inf or NaN
DEVICE Extended to_extended(double m, int e = 0) {
  int more = 0;
  m = isfinite(m) ? frexp(m, &more) : m;
  return {m, m == 0 ? -100000 : e + more};  // 0 has an exponent below all others
}
DEVICE double to_double(Extended a) { return ldexp(a.m, max(-10000, min(10000, a.e))); }
DEVICE Extended multiply(Extended a, Extended b) { return to_extended(a.m * b.m, a.e + b.e); }
DEVICE Extended add(Extended a, Extended b) {
  int top = max(a.e, b.e);
  return to_extended(to_double({a.m, a.e - top}) + to_double({b.m, b.e - top}), top);
}
// a^-beta. -beta * e is split into integer and fraction, so that the fraction keeps all digits.
DEVICE Extended power(Extended a, double beta) {
  double exponent = max(-10000.0, min(10000.0, -beta)), high = (float)exponent;
  double integer = rint(high * a.e);  // the product is exact: 24 bits times 17
  double fraction = (high * a.e - integer) + (exponent - high) * a.e;
  return to_extended(pow(a.m, exponent) * exp2(fraction), (int)integer);
}

// Results to compute again: those marked with inf, in the channels from `begin` to `end` of `count`
// pixels. In a pixel the channels lie `step` apart, and pixels lie `next` apart. It is passed in
// memory and not in registers, of which this slow code shall not cost the fast one any.
template <class T, class F, class Index> struct Marked {
  const T *x, *dy;
  T* result;
  long long step, next;
  Index channels, before, after, begin, end;
  int count;
  const Constants<F>& p;

  __device__ Extended at(const T* from, Index c) const { return to_extended(load(from[c * step])); }
  __device__ Index first(Index c, Index reach) const { return max((Index)0, c - reach); }
  __device__ Index last(Index c, Index reach) const { return min(channels - 1, c + reach); }
  __device__ Extended base(Index c) const {
    Extended sum = to_extended(0);
    for (Index j = first(c, before); j <= last(c, after); j++)
      sum = add(sum, multiply(at(x, j), at(x, j)));
    return add(to_extended(p.exact_bias), multiply(to_extended(p.exact_alpha), sum));
  }
  __device__ Extended scaled(const T* from, Index c, Extended s) const {
    return multiply(at(from, c), power(s, p.exact_beta));
  }
  __device__ __noinline__ Extended term(Index c) const {
    Extended s = base(c);
    return multiply(scaled(dy, c, s), multiply(at(x, c), {1 / s.m, -s.e}));
  }
  __device__ Extended gradient(Index c) const {
    Extended sum = to_extended(0);
    for (Index j = first(c, after); j <= last(c, before); j++) sum = add(sum, term(j));
    Extended factor = multiply(to_extended(-2 * p.exact_beta), to_extended(p.exact_alpha));
    return add(scaled(dy, c, base(c)), multiply(factor, multiply(at(x, c), sum)));
  }
};
template <bool GRADIENT, class T, class F, class Index>
__device__ __noinline__ void recompute_out_of_range(Marked<T, F, Index>&& m) {
  for (; m.count > 0; m.count--, m.x += m.next, m.dy += m.next, m.result += m.next)
    for (Index c = m.begin; c < m.end; c++) {
      T& result = m.result[c * m.step];
      if (isinf(load(result)))
        store((F)to_double(GRADIENT ? m.gradient(c) : m.scaled(m.x, c, m.base(c))), result);
    }
}

// ---- The base and its power ----------------------------------------------------------------
// The base bias + alpha * sum as s + rest. For float32 values the rest is the rounding error of the
// last additions. It is 0 for double, and for half types, whose results are rounded far more.
template <class F> struct Base { F s, rest; };
template <class T, class F> DEVICE Base<F> base_of(F sum, F rest, const Constants<F>& p) {
  F s = fma(p.alpha, sum, p.bias);
  if (sizeof(T) != 4) return {s, 0};
  return {s, fma(p.alpha, rest, fma(p.alpha, sum, p.bias - s))};
}
// The base of a window of 2 R + 1 values `STEP` apart, summed from both ends to the middle.
template <class T, int R, int STEP, class F>
DEVICE Base<F> window_base(const F* v, const Constants<F>& p) {
  F left = 0, right = 0;
  UNROLL for (int k = 0; k < R; k++) {
    left = fma(v[k * STEP], v[k * STEP], left);
    right = fma(v[(2 * R - k) * STEP], v[(2 * R - k) * STEP], right);
  }
  F middle = v[R * STEP], both = left + right, sum = fma(middle, middle, both);
  if (sizeof(T) != 4) return base_of<T>(sum, (F)0, p);
  F right_part = both - left;  // Knuth's two-sum: the rounding error of `both`
  F rest = (left - (both - right_part)) + (right - right_part);
  return base_of<T>(sum, rest + fma(middle, middle, both - sum), p);
}
template <class T> constexpr bool is_half = false; template <> constexpr bool is_half<Half> = true;
template <class F> DEVICE bool in_range(F s, const Constants<F>& p) {
  return s >= p.min_base && s <= p.max_base;
}
DEVICE float infinity() { return __uint_as_float(0x7f800000u); }
DEVICE float nan() { return __uint_as_float(0x7fc00000u); }

// What is stored where the base is out of range: inf, the mark, unless the result is known. `size`
// is NaN if a value of the window is, and 0 if all are: windows of zeros, common after a ReLU, must
// not be slow. With bias 0 they divide 0 by 0.
template <class F> DEVICE F marked_y(F size, F v, const Constants<F>& p) {
  if (size == 0) return p.exact_bias == 0 && p.exact_beta > 0 ? (F)nan() : v;
  return isnan(size) ? size : infinity();
}
template <class F> DEVICE F marked_term(F size, const Constants<F>& p) {
  return isnan(size) || (size == 0 && p.exact_bias == 0) ? nan() : infinity();
}
template <int R, int STEP, class F> DEVICE F size_of(const F* v) {
  F size = 0;
  UNROLL for (int k = 0; k <= 2 * R; k++) size += fabs(v[k * STEP]);
  return size;
}

// Divides by a base: z / s^beta and 1 / s. The approximate roots have errors up to 2^-22.9. For
// float32 values one step of Newton's method corrects them and adds the rest of the base.
template <class T, int P> struct Power {
  static const bool REFINED = sizeof(T) == 4;
  float s, rest, r, error, power;
  __device__ Power(Base<float> b, const Constants<float>& p) : s(b.s), rest(b.rest), power(1) {
    float correction;
    if (P == 2 || P == 3) {
      r = approximate_rsqrt(s);
      error = REFINED ? fma(-fma(rest, r, s * r), r, 1.0f) : 0;  // 1 - s r^2
      power = P == 2 ? r : approximate_rsqrt(s * (s * r));
      float v = power * power * s, left = fma(-3 * rest, r * r, fma(-v * v, s, 1.0f));
      correction = P == 2 ? 0.5f * error : 0.25f * left;  // left: 1 - s^3 power^4
    } else {
      r = approximate_reciprocal(s);
      error = REFINED ? fma(-rest, r, fma(-s, r, 1.0f)) : 0;
      if (P == 0) power = general_power(s, p);
      correction = rest * r * (p.minus_beta_high + p.minus_beta_low);
    }
    if (REFINED) power = fma(power, correction, power);
  }
  __device__ float divide(float z) const {
    if (P != 4) return z * power;
    float y = z * r;
    float refined = fma(fma(-y, rest, fma(-y, s, z)), r, y);
    return REFINED && y != 0 ? refined : y;  // else -0 would become 0
  }
  __device__ float reciprocal() const {
    float square = P == 2 || P == 3 ? r * r : r;
    return REFINED ? fma(square, error, square) : square;
  }
  // s^-beta by log2 and exp2. The binary exponent of s times minus_beta_high is exact.
  __device__ static float general_power(float s, const Constants<float>& p) {
    int e = (int)(__float_as_uint(s) - 0x3f3504f3u) >> 23;  // the bits of sqrt(1/2)
    float f = __uint_as_float(__float_as_uint(s) - ((unsigned)e << 23)) - 1;
    // Polynomials for log2(1 + f) / f and 2^z, highest power first; _numba_kernels.py has them too.
    const float log2[] = {-0.1074979f,  0.18476035f, -0.19138838f, 0.20485765f, -0.23960812f,
                          0.28855255f, -0.36069655f, 0.48089853f,  -0.72134733f, 1.442695f};
    const float exp2[] = {0.00015461445f, 0.0013400428f, 0.009618057f, 0.05550327f,
                          0.2402265f,     0.6931472f,    1.0f};
    float log = log2[0], power = exp2[0], high = p.minus_beta_high, low = p.minus_beta_low;
    UNROLL for (int k = 1; k < 10; k++) log = fma(log, f, log2[k]);
    float rest = fma((float)e, low, (high + low) * (f * log));
    float integer = rintf(fma((float)e, high, rest));
    float z = fma((float)e, high, -integer) + rest;
    UNROLL for (int k = 1; k < 7; k++) power = fma(power, z, exp2[k]);
    return __uint_as_float(__float_as_uint(power) + ((unsigned)(int)integer << 23));
  }
};
template <int P> struct Power<double, P> {
  double s, root;
  __device__ Power(Base<double> b, const Constants<double>& p) : s(b.s), root(sqrt(s)) {
    if (P != 2) root = P == 0 ? pow(s, -p.minus_beta_high) : P == 3 ? sqrt(s * root) : s;
  }
  __device__ double divide(double z) const { return z / root; }
  __device__ double reciprocal() const { return 1 / s; }
};
template <class T, int P, class F> DEVICE F y_of(F v, Base<F> b, F size, const Constants<F>& p) {
  return in_range(b.s, p) ? Power<T, P>(b, p).divide(v) : marked_y(size, v, p);
}

// ---- V neighbours, whose windows begin at v, v + 1, ... In `v` the channels are STEP apart. ----
// y; returns whether a result is marked.
template <class T, int V, int R, int P, int STEP, class F>
DEVICE bool forward_vector(const F* v, F* y, const Constants<F>& p) {
  bool all_in_range = true, marked = false;
  UNROLL for (int k = 0; k < V; k++) {
    Base<F> b = window_base<T, R, STEP>(v + k, p);
    y[k] = Power<T, P>(b, p).divide(v[R * STEP + k]);
    all_in_range = all_in_range && in_range(b.s, p);
  }
  if (all_in_range) return false;
  UNROLL for (int k = 0; k < V; k++) {
    if (in_range(window_base<T, R, STEP>(v + k, p).s, p)) continue;
    y[k] = marked_y(size_of<R, STEP>(v + k), v[R * STEP + k], p);
    marked = marked || isinf(y[k]);
  }
  return marked;
}
// Replace dy by u = dy / s^beta and return the term alpha x / s * u, which enters every window that
// holds this channel. The term is inf where these windows must be computed in extended range.
template <class T, int P, class F> DEVICE F term_of(F v, F& u, Base<F> b, const Constants<F>& p) {
  Power<T, P> power(b, p);
  u = power.divide(u);
  F ratio = p.alpha * v * power.reciprocal();
  bool accurate = is_half<T>  // what a base in range makes of a Half is not too small for float
      ? in_range(b.s, p) & fabs(u) <= p.max_scaled
      : in_range(b.s, p) && (fabs(u) >= p.min_scaled || u == 0) &&
            fabs(u) <= p.max_scaled && (fabs(ratio) >= p.min_normal || v == 0);
  return accurate ? ratio * u : infinity();
}
template <class T, int V, int R, int P, int STEP, class F>
DEVICE void terms_vector(const F* v, F* u, F* terms, const Constants<F>& p) {
  UNROLL for (int k = 0; k < V; k++) {
    Base<F> b = window_base<T, R, STEP>(v + k, p);
    terms[k] = term_of<T, P>(v[R * STEP + k], u[k], b, p);
  }
  UNROLL for (int k = 0; p.bias == 0 && k < V; k++)
    if (isinf(terms[k])) terms[k] = marked_term(size_of<R, STEP>(v + k), p);
}
template <class F> DEVICE F dx_of(F v, F u, F sum, const Constants<F>& p) {
  return isinf(sum) ? sum : fma(-p.twice_beta * v, sum, u);
}
// dx; returns whether a result is marked.
template <int V, int R, int STEP, class F>
DEVICE bool gradient_vector(const F* v, const F* u, const F* terms, F* dx, const Constants<F>& p) {
  bool marked = false;
  F sums[V];
  UNROLL for (int k = 0; k < V; k++) {
    sums[k] = terms[k];
    UNROLL for (int d = 1; d <= 2 * R; d++) sums[k] += terms[k + d * STEP];
    dx[k] = fma(-p.twice_beta * v[k], sums[k], u[k]);
    marked = marked || isinf(sums[k]);
  }
  UNROLL for (int k = 0; marked && k < V; k++)
    if (isinf(sums[k])) dx[k] = infinity();
  return marked;
}

// ---- Narrow windows, in registers ----------------------------------------------------------
// Threads (x, y) of a block: vectors of V channels, and pixels. The halo of a vector is read from
// the cache, since other threads of the block load the same values. The gradient needs all channels
// of a pixel in a block: the threads exchange their terms in shared memory, where zeros before and
// after the channels of a pixel clip the windows.
template <class T, int V, int R, int P, bool GRADIENT, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256, BLOCKS<T, R, GRADIENT>)
channels_last(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ result,
              long long pixels, int channels, const __grid_constant__ Constants<F> p) {
  const int HALO = (R + V - 1) / V * V;
  int c = (blockIdx.y * blockDim.x + threadIdx.x) * V, width = channels + 2 * HALO;
  if (c >= channels) return;  // in the forward direction only
  long long row = (long long)blockIdx.x * blockDim.y * PIXELS_PER_THREAD + threadIdx.y;
  F* terms = reinterpret_cast<F*>(shared) + threadIdx.y * PIXELS_PER_THREAD * width;
  F v[PIXELS_PER_THREAD][2 * HALO + V], u[PIXELS_PER_THREAD][V], near[2 * HALO + V];
  long long at = row * channels + c, next = (long long)blockDim.y * channels;
  UNROLL for (int i = 0; i < PIXELS_PER_THREAD; i++) {
    bool in_bounds = row + i * blockDim.y < pixels;
    load_row<V, HALO>(x + at + i * next, in_bounds, channels, c, v[i]);
    if (GRADIENT) load_row<V, 0>(dy + at + i * next, in_bounds, channels, c, u[i]);
  }
  UNROLL for (int i = 0; GRADIENT && i < PIXELS_PER_THREAD; i++) {
    F own[V];
    terms_vector<T, V, R, P, 1>(v[i] + HALO - R, u[i], own, p);
    store_vector<V>(own, terms + i * width + HALO + c);
    for (int k = threadIdx.x; k < HALO; k += blockDim.x)
      terms[i * width + k] = terms[i * width + HALO + channels + k] = 0;
  }
  if (GRADIENT) __syncthreads();
  int last_marked = -1;
  UNROLL for (int i = 0; i < PIXELS_PER_THREAD; i++) {
    if (row + i * blockDim.y >= pixels) break;
    F values[V];
    UNROLL for (int k = 0; GRADIENT && k < 2 * HALO + V; k += V)
      load_vector<V>(terms + i * width + c + k, near + k);
    bool marked = GRADIENT
        ? gradient_vector<V, R, 1>(v[i] + HALO, u[i], near + HALO - R, values, p)
        : forward_vector<T, V, R, P, 1>(v[i] + HALO - R, values, p);
    if (marked) last_marked = i;
    store_vector<V>(values, result + at + i * next);
  }
  at -= c;
  if (last_marked >= 0)
    recompute_out_of_range<GRADIENT>(Marked<T, F, int>{
        x + at, dy + at, result + at, 1, next, channels, R, R, c, c + V, last_marked + 1, p});
}

// Blocks (x, y): columns, V per thread, and chunks of channels. A thread issues the loads of U
// channels together, to hide their latency, and keeps those before them: x is read AHEAD channels
// before its result is written, a term R channels before. N share a check. (0 blocks: any number.)
template <class T, int V, int R, int P, bool GRADIENT, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(128, !GRADIENT ? 0 : R > 3 || sizeof(T) == 8 ? 1 : V > 1 ? 4 : 6)
channels_first(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ result,
               long long outer, int channels, long long inner, int chunk,
               const __grid_constant__ Constants<F> p) {
  const int U = V == 1 ? 8 : 4, N = V == 1 ? U : 1, AHEAD = GRADIENT ? 2 * R : R;
  long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x, vectors = inner / V;
  if (index >= outer * vectors) return;
  long long start = index / vectors * channels * inner + index % vectors * V;
  x += start, dy += start, result += start;
  unsigned pitch = inner * sizeof(T);
  int begin = blockIdx.y * chunk, end = min(begin + chunk, channels), first = begin;
  F v[(U + 2 * R) * V], terms[(U + 2 * R) * V], u[(U + R) * V];
  set_zero<(U + 2 * R) * V>(v), set_zero<(U + 2 * R) * V>(terms), set_zero<(U + R) * V>(u);
  if (GRADIENT) first = max(begin - 4 * R, -2 * R);  // early enough to fill the registers
  auto load_channel = [&](bool checked, const T* from, int c, F* to) {
    load_or_zero<V>(!checked || (unsigned)c < channels, at_channel(from, c, pitch), to);
  };
  UNROLL for (int k = 0; !GRADIENT && k < 2 * R; k++)
    load_channel(true, x, begin - R + k, v + k * V);
  bool any_marked = false;
  auto next_channels = [&](auto checked) {
    const bool CHECKED = decltype(checked)::VALUE;
    UNROLL for (int k = 0; k < U; k++) {
      load_channel(CHECKED, x, first + AHEAD + k, v + (2 * R + k) * V);
      if (GRADIENT) load_channel(CHECKED, dy, first + R + k, u + (R + k) * V);
    }
    UNROLL for (int k = 0; GRADIENT && k < U; k += N)
      terms_vector<T, N * V, R, P, V>(v + k * V, u + (R + k) * V, terms + (2 * R + k) * V, p);
    // With bias 0 the base of a channel outside the array is 0, and its term NaN.
    UNROLL for (int k = 0; GRADIENT && CHECKED && k < U; k++)
      if ((unsigned)(first + R + k) >= channels) set_zero<V>(terms + (2 * R + k) * V);
    F values[N * V];
    UNROLL for (int k = 0; k < U; k++) {
      if (k % N == 0) any_marked |= GRADIENT
          ? gradient_vector<N * V, R, V>(v + k * V, u + k * V, terms + k * V, values, p)
          : forward_vector<T, N * V, R, P, V>(v + k * V, values, p);
      if (!CHECKED || (first + k >= begin && first + k < end))
        store_vector<V>(values + k % N * V, at_channel(result, first + k, pitch));
    }
    UNROLL for (int k = 0; k < 2 * R * V; k++) v[k] = v[k + U * V], terms[k] = terms[k + U * V];
    UNROLL for (int k = 0; k < R * V; k++) u[k] = u[k + U * V];
    first += U;
  };
  while (first < end) {
    bool inside = first >= begin && first + U <= end && first + U + AHEAD <= channels;
    (GRADIENT || V == 1) && inside ? next_channels(Flag<false>()) : next_channels(Flag<true>());
  }
  if (any_marked) recompute_out_of_range<GRADIENT>(
      Marked<T, F, int>{x, dy, result, inner, 1, channels, R, R, begin, end, V, p});
}

// ---- Wide windows --------------------------------------------------------------------------
// sum + v^2, which is 0 only if all values of the window are: else at least the smallest number.
template <class F> DEVICE F add_square(F sum, F v) {
  F next = fma(v, v, sum);
  return next == 0 && v != 0 ? (F)(sizeof(F) == 8 ? 4.94e-324 : 1.4e-45) : next;
}
// The sum over the threads of a column, by halving.
template <class F> DEVICE F sum_of_column(F own, int column, int lane) {
  F *sums = reinterpret_cast<F*>(shared), *at = sums + lane * blockDim.x + column;
  __syncthreads();  // the sums before have been read
  *at = own;
  for (int half = blockDim.y / 2; half > 0; half /= 2) {
    __syncthreads();
    if (lane < half) *at += at[half * blockDim.x];
  }
  __syncthreads();
  return sums[column];
}

// A block has blockDim.x columns, or pixels if inner is 1, and blockDim.y threads for each of them.
// Neighbouring threads have neighbouring addresses.
template <class T, int P, bool GRADIENT, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
all_channels(const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ result,
             long long pixels, long long channels, long long inner,
             const __grid_constant__ Constants<F> p) {
  int t = threadIdx.y * blockDim.x + threadIdx.x, lanes = blockDim.y;
  int column = inner == 1 ? t / lanes : threadIdx.x, lane = inner == 1 ? t % lanes : threadIdx.y;
  long long pixel = (long long)blockIdx.x * blockDim.x + column;
  long long start = pixel / inner * channels * inner + pixel % inner;
  long long end = pixel < pixels ? channels : 0;
  x += start, dy += start, result += start;
  F sum = 0, terms = 0;
  for (long long c = lane; c < end; c += lanes) sum = add_square(sum, load(x[c * inner]));
  Base<F> b = base_of<T>(sum = sum_of_column(sum, column, lane), (F)0, p);
  for (long long c = lane; GRADIENT && c < end; c += lanes) {
    F u = load(dy[c * inner]);
    F term = term_of<T, P>(load(x[c * inner]), u, b, p);
    terms += isinf(term) ? marked_term(sum, p) : term;
  }
  if (GRADIENT) terms = sum_of_column(terms, column, lane);
  for (long long c = lane; c < end; c += lanes) {
    F v = load(x[c * inner]), u = load(dy[c * inner]);
    if (GRADIENT) term_of<T, P>(v, u, b, p);
    F value = GRADIENT ? dx_of(v, u, terms, p) : y_of<T, P>(v, b, sum, p);
    store(value, result[c * inner]);
    if (isinf(value))
      recompute_out_of_range<GRADIENT>(Marked<T, F, long long>{
          x, dy, result, inner, 0, channels, channels, channels, c, c + 1, 1, p});
  }
}

// One element per thread. The gradient takes two launches: all terms, then their window sums.
enum Part { FORWARD, TERMS, GRADIENT };
template <class T, int P, int PART, class F = typename Computed<T>::Type>
__global__ void __launch_bounds__(256)
any_window(const T* __restrict__ x, const T* __restrict__ dy, T* result, F* terms, long long outer,
           long long channels, long long inner, long long before, long long after,
           const __grid_constant__ Constants<F> p) {
  long long index = (long long)blockIdx.x * blockDim.x + threadIdx.x, c = index / inner % channels;
  if (index >= outer * channels * inner) return;
  long long first = index - min(before, c) * inner, start = index - c * inner;
  long long last = index + min(after, channels - 1 - c) * inner;
  F sum = 0, v = load(x[index]), u = load(dy[index]), value = 0;
  for (long long j = first; j <= last; j += inner) sum = add_square(sum, load(x[j]));
  Base<F> b = base_of<T>(sum, (F)0, p);
  F term = PART == FORWARD ? 0 : term_of<T, P>(v, u, b, p);
  if (PART == TERMS) return (void)(terms[index] = isinf(term) ? marked_term(sum, p) : term);
  // The channels whose windows hold this one: its own window, mirrored.
  first = index - min(after, c) * inner, last = index + min(before, channels - 1 - c) * inner;
  for (; PART == GRADIENT && first <= last; first += inner) value += terms[first];
  value = PART == FORWARD ? y_of<T, P>(v, b, sum, p) : dx_of(v, u, value, p);
  store(value, result[index]);
  if (isinf(value))
    recompute_out_of_range<PART == GRADIENT>(Marked<T, F, long long>{
        x + start, dy + start, result + start, inner, 0, channels, before, after, c, c + 1, 1, p});
}
