namespace BuildRunner;

/// <summary>Rejects serializers that use a type's properties instead of its converter.</summary>
internal static class WireOnly
{
    public static NotSupportedException NotSupported<T>() => new(
        $"{typeof(T).Name} supports only System.Text.Json; use System.Text.Json.JsonSerializer, or give your serializer a converter that "
        + "calls it.");
}
