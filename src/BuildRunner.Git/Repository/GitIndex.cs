using System.Buffers.Binary;

namespace BuildRunner.Git.Repository;

/// <summary>Reads the index that git wrote at a checkout, in git's default format only; see gitformat-index(5).</summary>
internal static class GitIndex
{
    private const int HeaderLength = 12;

    // Two times of eight bytes and six numbers of four precede the object id.
    private const int ObjectIdOffset = 40;
    private const int ModeOffset = 24;
    private const int InodeOffset = 20;
    private const int SizeOffset = 36;
    private const int Alignment = 8;
    private const ushort IsExtended = 0x4000;

    /// <summary>Reads all entries.</summary>
    /// <returns>The entries, or <see langword="null"/> if the file does not exist or has another format.</returns>
    public static IReadOnlyList<IndexEntry>? TryRead(string path, string objectFormat)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return Parse(File.ReadAllBytes(path), objectFormat == "sha1" ? 20 : 32);
        }
        catch (ArgumentOutOfRangeException)
        {
            // The file is truncated.
            return null;
        }
    }

    private static List<IndexEntry>? Parse(ReadOnlyMemory<byte> file, int objectIdLength)
    {
        if (file.Length < HeaderLength
            || !file.Span.StartsWith("DIRC"u8)
            || BinaryPrimitives.ReadUInt32BigEndian(file.Span[4..]) is not (2 or 3))
        {
            return null;
        }

        List<IndexEntry> entries = [];
        var rest = file[HeaderLength..];
        for (var left = BinaryPrimitives.ReadUInt32BigEndian(file.Span[8..]); left > 0; left--)
        {
            rest = rest[Read(rest, objectIdLength, out var entry)..];
            entries.Add(entry);
        }

        return entries;
    }

    private static int Read(ReadOnlyMemory<byte> bytes, int objectIdLength, out IndexEntry entry)
    {
        var flagsOffset = ObjectIdOffset + objectIdLength;
        var isExtended = (BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[flagsOffset..]) & IsExtended) != 0;
        var pathOffset = flagsOffset + (isExtended ? 4 : 2);
        var pathLength = bytes.Span[pathOffset..].IndexOf((byte)0);
        entry = new IndexEntry(
            bytes.Slice(pathOffset, pathLength),
            bytes.Slice(ObjectIdOffset, objectIdLength),
            Number(ModeOffset),
            new FileState(Number(InodeOffset), (Number(0), Number(4)), Number(SizeOffset)));

        // At least one NUL, padded to a multiple of eight.
        return (pathOffset + pathLength + Alignment) / Alignment * Alignment;

        uint Number(int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[offset..]);
    }
}
