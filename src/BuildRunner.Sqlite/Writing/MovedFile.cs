using System.Runtime.InteropServices;
using SQLitePCL;

namespace BuildRunner.Sqlite.Writing;

/// <summary>Asks SQLite whether the path of an open file now leads to another file or to none. The driver has no call for this.</summary>
internal static unsafe class MovedFile
{
    /// <summary>The extended SQLite error code for a moved file.</summary>
    public const int ReadOnlyMoved = 8 | (4 << 8);

    private const int FileHasMoved = 20;

    private static readonly delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int> FileControl = Find();

    /// <summary>Determines whether the file has moved; <see langword="false"/> if unknown, as on Windows, which locks open files.</summary>
    public static bool HasMoved(SqliteConnection connection)
    {
        var hasMoved = 0;
        return FileControl is not null
            && FileControl(connection.Handle!.DangerousGetHandle(), null, FileHasMoved, &hasMoved) == raw.SQLITE_OK
            && hasMoved != 0;
    }

    // By the name that the driver's provider uses, so that it is the same library.
    private static delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int> Find() =>
        NativeLibrary.TryLoad(raw.GetNativeLibraryName(), typeof(MovedFile).Assembly, null, out var library)
        && NativeLibrary.TryGetExport(library, "sqlite3_file_control", out var address)
            ? (delegate* unmanaged[Cdecl]<nint, byte*, int, void*, int>)address
            : null;
}
