namespace BuildRunner.Http.Runners;

internal static class OwnMetadata
{
    /// <summary>Adds the pairs of a runner to those of the caller, except for values that are not known.</summary>
    public static BuildMetadata With(this BuildMetadata metadata, params (string Key, string? Value)[] own) => metadata.SetItems(new(
        own.Where(static pair => pair.Value is not null).Select(static pair => KeyValuePair.Create(pair.Key, pair.Value!))));

    /// <summary>Gets the number of characters.</summary>
    public static int Length(this BuildMetadata metadata) => metadata.Keys.Sum(key => key.Length + metadata[key].Length);
}
