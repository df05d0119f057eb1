using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Aten.One("matmul", this, target);
        public Tensor mm(Tensor target) => Aten.One("mm", this, target);
        public Tensor bmm(Tensor batch2) => Aten.One("bmm", this, batch2);
        public Tensor mv(Tensor target) => Aten.One("mv", this, target);
        public Tensor dot(Tensor target) => Aten.One("dot", this, target);
        public Tensor outer(Tensor vec2) => Aten.One("outer", this, vec2);
        public Tensor inner(Tensor vec2) => Aten.One("inner", this, vec2);
        public Tensor kron(Tensor other) => Aten.One("kron", this, other);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Aten.One("addmm", this, mat1, mat2, (Scalar)beta, (Scalar)alpha);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Aten.InPlace("addmm_", this, mat1, mat2, (Scalar)beta, (Scalar)alpha);
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) =>
            Aten.One("addmv", this, mat, vec, (Scalar)beta, (Scalar)alpha);
        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
            Aten.One("addr", this, vec1, vec2, (Scalar)beta, (Scalar)alpha);
        public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
            Aten.InPlace("addr_", this, vec1, vec2, (Scalar)beta, (Scalar)alpha);
        public Tensor inverse() => linalg.inv(this);
        public Tensor det() => linalg.det(this);
        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) => Aten.One("pinverse", this, rcond);
        public Tensor cholesky(bool upper = false) => Aten.One("cholesky", this, upper);
        public Tensor cholesky_inverse(bool upper = false) => Aten.One("cholesky_inverse", this, upper);
        public Tensor cholesky_solve(Tensor input2, bool upper = false) => Aten.One("cholesky_solve", this, input2, upper);
        public Tensor matrix_power(int n) => Aten.One("matrix_power", this, n);
    }

    /// <summary>LAPACK's operations on matrices, or on batches of matrices.</summary>
    public static class linalg
    {
        /// <summary>How much of QR is made.</summary>
        public enum QRMode
        {
            Reduced = 0,
            Complete = 1,
            R = 2,
        }

        /// <summary>X of A X = B; of X A = B where not <paramref name="left"/>.</summary>
        /// <exception cref="TorchException">A is singular.</exception>
        public static Tensor solve(Tensor A, Tensor B, bool left = true) => left
            ? Aten.One("linalg_solve", A, B)
            : Turned(A, B);

        /// <summary>X of A X = B with a triangular A.</summary>
        public static Tensor solve_triangular(Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false) =>
            Aten.One("linalg_solve_triangular", A, B, upper, left, unitriangular);

        public static Tensor inv(Tensor input) => Aten.One("linalg_inv", input);
        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Aten.One("linalg_pinv.atol_rtol_float", input, atol, rtol, hermitian);
        public static Tensor det(Tensor input) => Aten.One("linalg_det", input);
        public static (Tensor, Tensor) slogdet(Tensor input) => Aten.Two("linalg_slogdet", input);

        /// <summary>The lower factor L with L Lᵀ = input.</summary>
        public static Tensor cholesky(Tensor input) => Aten.One("linalg_cholesky", input);

        public static (Tensor L, Tensor info) cholesky_ex(Tensor input, bool check_errors = false) =>
            Aten.Two("linalg_cholesky_ex", input, false, check_errors);

        /// <summary>U, S and Vᴴ with U diag(S) Vᴴ = input, S falling.</summary>
        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) =>
            Aten.Three("linalg_svd", input, fullMatrices);

        public static Tensor svdvals(Tensor input) => Aten.One("linalg_svdvals", input);

        /// <summary>Eigenvalues, rising, and eigenvectors as columns of a symmetric matrix of which one triangle is read.</summary>
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Aten.Two("linalg_eigh", input, UPLO.ToString());

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Aten.One("linalg_eigvalsh", input, UPLO.ToString());
        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) =>
            Aten.Two("linalg_qr", input, mode == QRMode.R ? "r" : mode.ToString().ToLowerInvariant());
        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other)
        {
            var all = Aten.Many("linalg_lstsq", input, other);
            return (all[0], all[1], all[2], all[3]);
        }

        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Aten.One("linalg_matrix_rank.atol_rtol_float", input, atol, rtol, hermitian);
        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Aten.One("linalg_norm", input, (Scalar)ord, dims, keepdim);
        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
            Aten.One("linalg_norm.ord_str", input, ord, dims, keepdim);
        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            Aten.One("linalg_norm", input, Arg.None, dims, keepdim);
        public static Tensor vector_norm(Tensor input, double ord = 2, long[]? dims = null, bool keepdim = false) =>
            Aten.One("linalg_vector_norm", input, (Scalar)ord, dims, keepdim);
        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) =>
            Aten.One("linalg_matrix_norm.str_ord", input, ord, dims ?? [-2, -1], keepdim);
        public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Aten.One("linalg_matrix_norm", input, (Scalar)ord, dims ?? [-2, -1], keepdim);

        private static Tensor Turned(Tensor A, Tensor B)
        {
            using var steps = NewDisposeScope();
            return Aten.One("linalg_solve", A.mT, B.mT).mT.MoveToOuterDisposeScope();
        }
    }
}
