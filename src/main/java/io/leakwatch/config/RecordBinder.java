package io.leakwatch.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns a configuration tree into records: the key of a component is its name in kebab case. A key
 * without a component is refused, and so is a component without a key, except in the elements of
 * lists, which have no defaults: there it is empty or 0, and only text is required.
 */
final class RecordBinder {
  private final KnownKeys knownKeys;

  RecordBinder(Config reference) {
    this.knownKeys = KnownKeys.of(reference.root());
  }

  /** Binds the object under {@link Configuration#ROOT}, and nothing may lie beside it. */
  <T extends Record> T bind(Class<T> type, Config config) throws ConfigurationProblem {
    for (Map.Entry<String, ConfigValue> entry : config.root().entrySet()) {
      if (!entry.getKey().equals(Configuration.ROOT)) {
        throw knownKeys.unknown(entry.getValue(), "", entry.getKey(), List.of(Configuration.ROOT));
      }
    }
    ConfigValue root = config.root().get(Configuration.ROOT);
    if (!(root instanceof ConfigObject object)) {
      throw ConfigurationProblem.at(
          root == null ? config.origin() : root.origin(),
          "`" + Configuration.ROOT + "` must be a section { … }");
    }
    return record(type, object, Configuration.ROOT, false);
  }

  private <T> T record(Class<T> type, ConfigObject object, String path, boolean inList)
      throws ConfigurationProblem {
    Map<String, RecordComponent> components = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      components.put(kebab(component.getName()), component);
    }
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      if (!components.containsKey(entry.getKey())) {
        throw knownKeys.unknown(
            entry.getValue(), path, entry.getKey(), List.copyOf(components.keySet()));
      }
    }
    List<Object> values = new ArrayList<>();
    for (Map.Entry<String, RecordComponent> entry : components.entrySet()) {
      values.add(component(entry.getValue(), object, path + "." + entry.getKey(), inList));
    }
    return construct(type, object, path, values.toArray());
  }

  private Object component(
      RecordComponent component, ConfigObject object, String path, boolean inList)
      throws ConfigurationProblem {
    ConfigValue value = object.get(path.substring(path.lastIndexOf('.') + 1));
    Type type = component.getGenericType();
    boolean optional = isA(type, Optional.class);
    if (value != null && value.valueType() != ConfigValueType.NULL) {
      return optional
          ? Optional.of(value(component.getName(), argument(type), value, path))
          : value(component.getName(), type, value, path);
    }
    if (optional) {
      return Optional.empty();
    }
    if (inList && isA(type, List.class)) {
      return List.of();
    }
    if (inList && type == long.class) {
      return 0L;
    }
    throw ConfigurationProblem.at(object.origin(), "`" + shortened(path) + "` is missing");
  }

  private Object value(String name, Type type, ConfigValue value, String path)
      throws ConfigurationProblem {
    if (isA(type, List.class)) {
      if (!(value instanceof ConfigList list)) {
        throw wrong(value, path, "must be a list [ … ]");
      }
      List<Object> elements = new ArrayList<>();
      for (ConfigValue element : list) {
        elements.add(
            argument(type) instanceof Class<?> record && record.isRecord()
                ? section(record, element, path, true)
                : value(name, argument(type), element, path));
      }
      return List.copyOf(elements);
    }
    if (type instanceof Class<?> record && record.isRecord()) {
      return section(record, value, path, path.contains(".targets."));
    }
    try {
      Object read = Values.read(name, type, value);
      if (ZeroKeys.refuses(shortened(path), read)) {
        throw wrong(value, path, "must be more than 0");
      }
      return read;
    } catch (IllegalArgumentException e) {
      throw wrong(value, path, String.valueOf(e.getMessage()));
    } catch (ConfigException e) {
      throw wrong(value, path, "cannot be read: " + e.getMessage());
    }
  }

  private Object section(Class<?> type, ConfigValue value, String path, boolean inList)
      throws ConfigurationProblem {
    if (value instanceof ConfigObject object) {
      return record(type, object, path, inList);
    }
    throw wrong(value, path, "must be a section { … }");
  }

  private static <T> T construct(Class<T> type, ConfigObject object, String path, Object[] values)
      throws ConfigurationProblem {
    Class<?>[] types = new Class<?>[values.length];
    for (int i = 0; i < values.length; i++) {
      types[i] = type.getRecordComponents()[i].getType();
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw wrong(object, path, ": " + refused.getMessage());
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ConfigurationProblem wrong(ConfigValue value, String path, String what) {
    String separator = what.startsWith(":") ? "" : " ";
    return ConfigurationProblem.at(value.origin(), "`" + shortened(path) + "`" + separator + what);
  }

  private static String shortened(String path) {
    return path.equals(Configuration.ROOT) ? path : path.substring(Configuration.ROOT.length() + 1);
  }

  private static boolean isA(Type type, Class<?> raw) {
    return type instanceof ParameterizedType generic && generic.getRawType() == raw;
  }

  private static Type argument(Type type) {
    return ((ParameterizedType) type).getActualTypeArguments()[0];
  }

  /** {@code maxConnections} → {@code max-connections}. */
  static String kebab(String name) {
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isUpperCase(c)) {
        key.append('-');
      }
      key.append(Character.toLowerCase(c));
    }
    return key.toString();
  }
}
