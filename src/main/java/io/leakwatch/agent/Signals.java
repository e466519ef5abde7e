package io.leakwatch.agent;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * Signals of the operating system. {@code sun.misc.Signal} is Java's only way to hear SIGHUP; it
 * belongs to the supported module jdk.unsupported, but javac warns of its every mention and cannot
 * be told not to, hence the reflection.
 */
public final class Signals {
  private Signals() {}

  /**
   * Runs an action, on a thread of the JVM's, whenever a signal arrives; its default is off.
   *
   * @param name without SIG, e.g. {@code HUP}
   */
  public static void on(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object calling =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                  return null;
                }
                return method.invoke(action, arguments);
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), calling);
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      throw new IllegalStateException("this JVM cannot handle SIG" + name, e);
    }
  }
}
