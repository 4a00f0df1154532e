namespace BuildRunner.Git.Repository;

/// <summary>The fields of what git puts out by <c>-z</c>.</summary>
internal static class NulFields
{
    /// <summary>Gets the fields, each of which has ended with a zero.</summary>
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
