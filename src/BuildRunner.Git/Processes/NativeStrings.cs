using System.Runtime.InteropServices;

namespace BuildRunner.Git.Processes;

/// <summary>Strings as a system call wants them: pointers to UTF-8 with a NUL at the end of each, and null after the last.</summary>
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
