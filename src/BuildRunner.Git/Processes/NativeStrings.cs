using System.Runtime.InteropServices;

namespace BuildRunner.Git.Processes;

/// <summary>Represents strings in the form of a system call: pointers to NUL-terminated UTF-8, followed by a null pointer.</summary>
internal sealed class NativeStrings : IDisposable
{
    private readonly nint[] _pointers;

    public NativeStrings(IReadOnlyCollection<string> strings) =>
        _pointers = [.. strings.Select(Marshal.StringToCoTaskMemUTF8), 0];

    public ref nint First => ref _pointers[0];

    public void Dispose()
    {
        foreach (var pointer in _pointers)
        {
            Marshal.FreeCoTaskMem(pointer);
        }
    }
}
