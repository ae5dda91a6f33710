// How the engine calls a kernel: arguments as pointers to their bytes, and what their types are.
// Kernels are template arguments, so that no call goes through an address that could be changed.
#pragma once

extern "C" int sr_describe(char* to, size_t room, int pointer, int kind, int size, int width, int constant, int bytes);

template <class T> int sr_describe_type(char* to, size_t room) {
  typedef typename std::remove_pointer<T>::type Pointee;
  constexpr bool pointer = std::is_pointer<T>::value;
  typedef typename std::conditional<pointer, Pointee, T>::type Shown;
  typedef sr_type<typename std::remove_cv<Shown>::type> Type;
  constexpr bool constant = pointer && std::is_const<Pointee>::value;
  return sr_describe(to, room, pointer, Type::kind, Type::size, Type::width, constant, (int)sizeof(T));
}
template <class F, F f> struct sr_kernel;
template <class... A, void (*f)(A...)> struct sr_kernel<void (*)(A...), f> {
  template <size_t... I>
  __attribute__((no_sanitize("thread"))) static void go(void** a, std::index_sequence<I...>) {
    f(*(typename std::remove_reference<A>::type*)a[I]...);
    (void)a;
  }
  __attribute__((no_sanitize("thread"))) static void call(void** a) { go(a, std::index_sequence_for<A...>{}); }
  __attribute__((no_sanitize("thread"))) static void describe(char* to, size_t room) {
    size_t at = 0;
    to[0] = 0;
    ((at += (size_t)sr_describe_type<A>(to + at, room - at)), ...);
    (void)at; (void)room;
  }
};
struct sr_entry {
  const char* name;
  void (*call)(void**);
  void (*describe)(char*, size_t);
};
