namespace BuildRunner;

/// <summary>Refuses serializers that go by the properties of a type and not by its converter.</summary>
internal static class WireOnly
{
    public static NotSupportedException NotSupported<T>() => new(
        $"{typeof(T).Name} has a form for System.Text.Json alone; write and read it with System.Text.Json.JsonSerializer, or give your serializer a converter that does.");
}
