// How the engine calls a kernel: arguments as pointers to their bytes, and what their types are.
#pragma once

template <class T> int sr_describe(char* to, size_t room) {
  typedef typename std::remove_pointer<T>::type Pointee;
  constexpr bool pointer = std::is_pointer<T>::value;
  typedef typename std::conditional<pointer, Pointee, T>::type Shown;
  typedef sr_type<typename std::remove_cv<Shown>::type> Type;
  return snprintf(to, room, "%c%c%dx%d%c%d ", pointer ? 'p' : 'v', Type::kind, Type::size, Type::width,
                  pointer && std::is_const<Pointee>::value ? 'c' : 'm', (int)sizeof(T));
}
template <class F> struct sr_kernel;
template <class... A> struct sr_kernel<void (*)(A...)> {
  template <size_t... I>
  __attribute__((no_sanitize("thread"))) static void go(void (*f)(A...), void** a, std::index_sequence<I...>) {
    f(*(typename std::remove_reference<A>::type*)a[I]...);
    (void)a;
  }
  __attribute__((no_sanitize("thread"))) static void call(void (*f)(A...), void** a) {
    go(f, a, std::index_sequence_for<A...>{});
  }
  __attribute__((no_sanitize("thread"))) static void describe(char* to, size_t room) {
    size_t at = 0;
    to[0] = 0;
    ((at += (size_t)sr_describe<A>(to + at, room - at)), ...);
    (void)at; (void)room;
  }
};
struct sr_entry {
  const char* name;
  void (*call)(void**);
  void (*describe)(char*, size_t);
};
