namespace BuildRunner.Git.Repository;

/// <summary>Parses the output of git with <c>-z</c>.</summary>
internal static class NulFields
{
    /// <summary>Gets the NUL-terminated fields.</summary>
    public static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> output)
    {
        List<ReadOnlyMemory<byte>> fields = [];
        while (output.Span.IndexOf((byte)0) is >= 0 and var end)
        {
            fields.Add(output[..end]);
            output = output[(end + 1)..];
        }

        return fields;
    }
}
